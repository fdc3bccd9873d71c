public import Dispatch
import Frames
import Records
public import Scene

/// An encoded picture that somebody sent, looked at.
public struct StillImage: Sendable {
    public let size: PixelSize
    /// `image/jpeg` or `image/png`.
    public let contentType: String
    /// A JPEG of it, where it was something else than JPEG or PNG.
    public let converted: [UInt8]?
    package init(size: PixelSize, contentType: String, converted: [UInt8]?) {
        (self.size, self.contentType, self.converted) = (size, contentType, converted)
    }
}

/// Decoding of one picture in this process.
package enum StillWork {
    package static func decode(_ bytes: [UInt8], maximumPixels: Int) throws(MediaError) -> StillImage {
        try Still(bytes, maximumPixels: maximumPixels).image()
    }
}

/// Decodes single pictures that strangers send, to see that they are what they say, and makes JPEGs of those in other forms.
///
/// A few at a time, on threads of its own: a picture takes as much memory as it has pixels, and its bytes are not even loaded
/// before its turn.
public struct StillReader: Sendable {
    private let maximumPixels: Int
    private let turns: Turns
    private let decode: @Sendable (_ bytes: [UInt8], _ maximumPixels: Int) throws -> StillImage
    private let queue = DispatchQueue(label: "stills", attributes: .concurrent)

    /// - Parameters:
    ///   - maximumPixels: pictures with more are refused.
    ///   - count: pictures at once.
    ///   - decode: decodes one; may block.
    public init(
        maximumPixels: Int, count: Int = 2,
        decode: @escaping @Sendable (_ bytes: [UInt8], _ maximumPixels: Int) throws -> StillImage
    ) {
        (self.maximumPixels, self.decode) = (maximumPixels, decode)
        turns = Turns(count)
    }

    /// - Parameter load: brings the bytes of the picture.
    /// - Throws: `MediaError` for what is no whole picture in one of the forms that we read, or has too many pixels; what else `decode`
    ///   and `load` throw.
    public func read(_ load: @Sendable () async throws -> [UInt8]) async throws -> StillImage {
        try await turns.take {
            let bytes = try await load()
            return try await queue.apart { try decode(bytes, maximumPixels) }
        }
    }
}

extension DispatchQueue {
    /// Runs `body`, which may block, where it blocks no task.
    /// - Throws: what `body` throws. It is carried out also when the calling task is cancelled.
    public func apart<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            async { continuation.resume(with: Result { try body() }) }
        }
    }
}
