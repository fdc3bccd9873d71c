import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import NIOCore
import Records
import Store

extension HTTPField.Name {
    static let expiryDate = Self("X-Luna-Expiry-Date")!
    static let contentTypeOptions = Self("X-Content-Type-Options")!
    /// What follows is the name of what somebody wrote of an image.
    static let metaPrefix = "X-Luna-Meta-"
}

extension Services {
    /// The bytes of an object, or the part of them that is asked for, read as they are taken.
    /// Its file is looked at first: once the head is sent nobody can be told that something is missing.
    /// - Parameter headers: beside those that all objects have.
    func answer(with object: StoredObject, to call: Call, headers: HTTPFields = [:]) async throws -> Response {
        var headers = headers
        let tag = "\"\(object.id.wire)\""
        headers[.eTag] = tag  // an id never means other bytes
        headers[.acceptRanges] = "bytes"
        headers[.expiryDate] = object.expiry.map(\.calendarDate) ?? ""
        if call.request.headers[.ifNoneMatch]?.names(tag) == true {
            return Response(status: .notModified, headers: headers)
        }
        guard try await store.hasFile(object) else { throw APIError.objectNotFound(object.kind, object.id) }
        headers[.contentType] = object.contentType
        headers[.contentTypeOptions] = "nosniff"
        let isWhole = call.request.method == .head
        switch isWhole ? .whole : ByteRange(call.request.headers, size: object.size, tag: tag) {
        case .unsatisfiable: throw APIError.noSuchRange(size: object.size)
        case .whole:
            headers[.contentLength] = "\(object.size)"
            return Response(status: .ok, headers: headers, body: body(0..<object.size, of: object))
        case .part(let range):
            headers[.contentLength] = "\(range.count)"
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(object.size)"
            return Response(status: .partialContent, headers: headers, body: body(range, of: object))
        }
    }

    private func body(_ range: Range<Int>, of object: StoredObject) -> ResponseBody {
        let portion = 1 << 18
        return ResponseBody(contentLength: range.count) { [store] writer in
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

extension Date {
    /// `2024-03-12`, by the calendar of Greenwich.
    var calendarDate: String { String(rfc3339.prefix(10)) }
}
extension String {
    /// Whether a list of tags has this one.
    fileprivate func names(_ tag: String) -> Bool {
        split(separator: ",").contains {
            let one = $0.trimmingCharacters(in: .whitespaces)
            return one == "*" || one == tag || one == "W/" + tag
        }
    }
}
