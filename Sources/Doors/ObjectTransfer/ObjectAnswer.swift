import Foundation
import HTTPEdge
public import HTTPTypes
public import Hummingbird
import NIOCore
public import Records
public import Store

/// The bytes of an object as an answer, or the part of them that is asked for, read as they are taken.
public enum ObjectAnswer {
    case response(Response)
    /// Its file went meanwhile.
    case gone
    /// The part that is asked for lies outside of it.
    case noSuchRange

    /// Looks at the file first: once the head is sent nobody can be told that something is missing.
    /// - Parameters:
    ///   - headers: beside those that all objects have.
    ///   - tag: its `ETag`, with the quotation marks; `nil`: its id, which never means other bytes.
    public init(
        of object: StoredObject, in store: Store, to request: Request, headers: HTTPFields = [:], tag: String? = nil
    ) async throws {
        var headers = headers
        let tag = tag ?? "\"\(object.id.wire)\""
        headers[.eTag] = tag
        headers[.acceptRanges] = "bytes"
        if request.headers.hasCurrent(tag) {
            self = .response(Response(status: .notModified, headers: headers))
            return
        }
        guard try await store.hasFile(object) else {
            self = .gone
            return
        }
        headers[.contentType] = object.contentType
        let isWhole = request.method == .head
        switch isWhole ? .whole : ByteRange(request.headers, size: object.size, tag: tag) {
        case .unsatisfiable: self = .noSuchRange
        case .whole:
            headers[.contentLength] = "\(object.size)"
            self = .response(
                Response(status: .ok, headers: headers, body: Self.body(0..<object.size, of: object, in: store)))
        case .part(let range):
            headers[.contentLength] = "\(range.count)"
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(object.size)"
            self = .response(
                Response(status: .partialContent, headers: headers, body: Self.body(range, of: object, in: store)))
        }
    }

    private static func body(_ range: Range<Int>, of object: StoredObject, in store: Store) -> ResponseBody {
        let portion = 1 << 18
        return ResponseBody(contentLength: range.count) { writer in
            var place = range.lowerBound
            while place < range.upperBound {
                let end = min(place + portion, range.upperBound)
                // Deleted meanwhile: the client sees that less came than was announced.
                guard let bytes = try await store.bytes(place..<end, of: object) else { throw Vanished() }
                try await writer.write(ByteBuffer(bytes: bytes))
                place = end
            }
            try await writer.finish(nil)
        }
    }
    private struct Vanished: Error {}
}
