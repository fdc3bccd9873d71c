import Dispatch
import Frames
public import Media

/// Decodes pictures that somebody sent where it blocks no task.
public struct StillOpener: Sendable {
    private let open: @Sendable (_ bytes: [UInt8], _ wishes: StillWishes) throws -> StillPicture
    private let queue = DispatchQueue(label: "jobs.pictures", attributes: .concurrent)

    /// - Parameter open: decodes one; may block.
    public init(_ open: @escaping @Sendable (_ bytes: [UInt8], _ wishes: StillWishes) throws -> StillPicture) {
        self.open = open
    }
    /// - Throws: `JobFailure` for what is no whole picture.
    public func picture(of bytes: [UInt8], _ wishes: StillWishes) async throws -> StillPicture {
        do { return try await queue.apart { [open] in try open(bytes, wishes) } } catch let error as MediaError {
            throw JobFailure("\(error)")
        } catch let failure as any SourceFailure {
            throw JobFailure("\(failure)")
        }
    }
}
