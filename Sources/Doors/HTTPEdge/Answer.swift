public import HTTPTypes
public import Hummingbird
public import JSON
public import NIOCore

/// A short answer, all of it in memory.
public struct Answer: Sendable {
    public var status: HTTPResponse.Status
    public var headers: HTTPFields
    public var body: ByteBuffer

    public init(status: HTTPResponse.Status, headers: HTTPFields, body: ByteBuffer) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }
    public init(json: JSONValue, status: HTTPResponse.Status, headers: HTTPFields = [:]) {
        var headers = headers
        headers[.contentType] = "application/json"
        self.init(status: status, headers: headers, body: ByteBuffer(bytes: json.bytes))
    }

    public var response: Response {
        Response(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
    }
}
