import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON

/// How an answer with pictures is written, as `Accept` has it; where it says nothing else, as JSON.
enum AnswerForm: String, CaseIterable, Sendable {
    /// Pictures in Base64.
    case json = "application/json"
    /// Pictures as bytes.
    case messagePack = "application/msgpack"

    init(for call: HTTPEdge.Call<some Sendable>) {
        let wanted = Accept(call.request.headers[.accept]).preferred(
            of: Self.allCases.map(\.rawValue), orElse: Self.json.rawValue)
        self = wanted.flatMap(Self.init) ?? .json
    }

    /// - Parameter pictures: the members that hold them, in Base64.
    func bytes(_ value: JSONValue, pictures: Set<String> = []) -> [UInt8] {
        switch self {
        case .json: value.bytes
        case .messagePack: value.messagePack(bytesIn: pictures)
        }
    }

    // MARK: Of parts that are written already

    func array(of items: [[UInt8]]) -> [UInt8] {
        switch self {
        case .json: [UInt8(ascii: "[")] + items.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
        case .messagePack: MessagePack.array(of: items)
        }
    }
    /// With its members in the order of their names, as in all answers.
    func object(of members: [String: [UInt8]]) -> [UInt8] {
        let members = members.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        switch self {
        case .json:
            let written = members.map { JSONValue.string($0.name).bytes + [UInt8(ascii: ":")] + $0.value }
            return [UInt8(ascii: "{")] + written.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "}")]
        case .messagePack: return MessagePack.object(of: members)
        }
    }
}
