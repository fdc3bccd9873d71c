public import Media
public import Notifications
public import Recognition

/// What operations on pictures work with.
public struct PictureTools: Sendable {
    /// Decodes one picture; may block.
    public var open: @Sendable (_ bytes: [UInt8], _ wishes: StillWishes) throws -> StillPicture
    public var looker: PictureLooker
    /// Fetches what is at a URL, of which there may be so many bytes.
    public var fetch: @Sendable (_ url: String, _ limit: Int) async throws -> Fetched

    public init(
        open: @escaping @Sendable (_ bytes: [UInt8], _ wishes: StillWishes) throws -> StillPicture,
        looker: PictureLooker, fetch: @escaping @Sendable (_ url: String, _ limit: Int) async throws -> Fetched
    ) { (self.open, self.looker, self.fetch) = (open, looker, fetch) }
}
