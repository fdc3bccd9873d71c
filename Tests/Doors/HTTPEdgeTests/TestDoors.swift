import DoorSupport
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON

/// Lets in whoever brings the key that an operation asks for.
struct KeyGate: Gatekeeper {
    struct Closed: Error {}

    func caller(_ head: HTTPRequest, in context: EdgeContext, for access: String) async throws -> String {
        guard head.headerFields[HTTPField.Name("Key")!] == access else { throw Closed() }
        return access
    }
}

/// An error that no door knows.
struct Broken: Error {}

extension Door {
    /// Answers with objects: `{"refusal": "pageNotFound"}`.
    static func objects(_ add: (ResourceTable<KeyGate>) -> Void = { _ in }) -> Door {
        let table = ResourceTable(KeyGate())
        table.add("/open", .get { _ in Answer(json: "open", status: .ok).response }, .post(body: .json(), echo))
        table.add("/items/{item}", .get("silver") { .text("\($0.caller) \($0.parameter("item") ?? "")") })
        table.add("/items/first", .get("silver") { _ in .text("first") })
        table.add("/large", .post(body: .json(limit: 5000), echo))
        table.add("/broken", .get { _ in throw Broken() })
        add(table)
        return Door(
            table: table, answer: { Answer(json: ["refusal": .string("\($0)")], status: .badRequest) },
            explain: { $0 is KeyGate.Closed ? Answer(json: ["refusal": "closed"], status: .forbidden) : nil })
    }
    /// Answers with words, under `/jobs`.
    static func words(_ add: (ResourceTable<KeyGate>) -> Void = { _ in }) -> Door {
        let table = ResourceTable(KeyGate())
        table.add("/jobs/{job}", .get("golden") { .text("job \($0.parameter("job") ?? "")") })
        table.add("/jobs", .post("golden", body: .json()) { .text("\(try await $0.body().integer())") })
        add(table)
        return Door(
            prefix: "/jobs", table: table, answer: { .words("no: \($0)", .conflict) },
            explain: { $0 is KeyGate.Closed ? .words("no key", .unauthorized) : nil })
    }

    private static func echo(_ call: ResourceTable<KeyGate>.OpenCall) async throws -> Response {
        Answer(json: try await call.body().value, status: .ok).response
    }
}

extension Answer {
    static func words(_ text: String, _ status: HTTPResponse.Status) -> Answer {
        Answer(status: status, headers: [.contentType: "text/plain"], body: ByteBuffer(string: text))
    }
}
extension Response {
    static func text(_ text: String) -> Response { Answer.words(text, .ok).response }
}

extension Reply {
    var text: String { String(decoding: body, as: UTF8.self) }
}

/// Runs `body` against both doors. Not to be called within itself.
func withDoors(
    _ change: (inout ListenerConfiguration) -> Void = { _ in },
    objects: (ResourceTable<KeyGate>) -> Void = { _ in }, words: (ResourceTable<KeyGate>) -> Void = { _ in },
    _ body: (RunningListener) async throws -> Void
) async throws {
    func patiently(_ listener: inout ListenerConfiguration) {
        listener.headTimeout = .seconds(600)  // a test that waits for its turn on a busy machine is no slow client
        change(&listener)
    }
    try await inTurn { try await withListener([.objects(objects), .words(words)], patiently, body) }
}
