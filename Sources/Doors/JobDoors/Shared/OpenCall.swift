import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import NIOCore

typealias OpenCall = HTTPEdge.Call<Anybody>
typealias OpenTable = ResourceTable<OpenGate>

extension OpenCall {
    /// All bytes of the body.
    func wholeBody() async throws -> [UInt8] {
        let gathered = Gathered()
        try await bytes().read { await gathered.add($0) }
        return await gathered.bytes
    }
}
private actor Gathered {
    private(set) var bytes: [UInt8] = []
    func add(_ part: ByteBuffer) { bytes += part.readableBytesView }
}

extension Answer {
    /// As a browser shows it.
    static func text(_ text: String, status: HTTPResponse.Status = .ok) -> Answer {
        Answer(
            status: status, headers: [.contentType: "text/html; charset=utf-8"], body: ByteBuffer(string: text))
    }
}
