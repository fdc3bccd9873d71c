import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON

/// How an answer that holds bytes is written, as `Accept` has it; where it says nothing else, as JSON.
enum AnswerForm: String, CaseIterable, Sendable {
    /// Bytes in Base64.
    case json = "application/json"
    /// Bytes as they are.
    case messagePack = "application/msgpack"

    init(for call: HTTPEdge.Call<some Sendable>) {
        let wanted = Accept(call.request.headers[.accept]).preferred(
            of: Self.allCases.map(\.rawValue), orElse: Self.json.rawValue)
        self = wanted.flatMap(Self.init) ?? .json
    }

    /// - Parameter names: of the members that hold bytes, in Base64.
    func bytes(_ value: JSONValue, bytesIn names: Set<String> = []) -> [UInt8] {
        switch self {
        case .json: value.bytes
        case .messagePack: value.messagePack(bytesIn: names)
        }
    }

    // MARK: Of parts that are written already

    func array(of items: [[UInt8]]) -> [UInt8] {
        switch self {
        case .json: Self.joined(items, between: "[", and: "]")
        case .messagePack: MessagePack.array(of: items)
        }
    }
    /// With its members in the order of their names, as in all answers.
    func object(of members: [String: [UInt8]]) -> [UInt8] {
        let members = members.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        switch self {
        case .json:
            let written = members.map { JSONValue.string($0.name).bytes + [UInt8(ascii: ":")] + $0.value }
            return Self.joined(written, between: "{", and: "}")
        case .messagePack: return MessagePack.object(of: members)
        }
    }

    /// A hundred megabytes are copied here, so each part at once.
    private static func joined(
        _ parts: [[UInt8]], between opening: Unicode.Scalar, and closing: Unicode.Scalar
    ) -> [UInt8] {
        var bytes = [UInt8(ascii: opening)]
        bytes.reserveCapacity(parts.reduce(2) { $0 + $1.count + 1 })
        for (index, part) in parts.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += part
        }
        bytes.append(UInt8(ascii: closing))
        return bytes
    }
}
