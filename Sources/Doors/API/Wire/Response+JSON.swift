import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import NIOCore

extension Response {
    static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
        Answer(json: value, status: status).response
    }
    static func json(_ document: borrowing JSONWriter) -> Response {
        document.withBytes { .bytes($0, type: "application/json") }
    }
    static func bytes(_ bytes: some Collection<UInt8>, type: String) -> Response {
        Answer(status: .ok, headers: [.contentType: type], body: ByteBuffer(bytes: bytes)).response
    }
    static func document(_ bytes: ByteBuffer, type: String) -> Response {
        Answer(status: .ok, headers: [.contentType: type], body: bytes).response
    }
    /// 201 with the place of what was made, relative and absolute, beside the `members` that name it.
    /// - Parameter isAbsolute: whether the absolute place is told, too.
    static func created(
        _ path: String, _ members: [String: JSONValue], isAbsolute: Bool = true,
        by call: HTTPEdge.Call<some Sendable>
    ) -> Response {
        var object = members
        object["url"] = .string(path)
        if isAbsolute { object["external_url"] = .string("\(call.context.baseURL)\(path)") }
        var response = Response.json(.object(object), status: .created)
        response.headers[.location] = path
        return response
    }
}
