import Foundation

/// How an SRT peer is met, as the query of its address says, by the names that SRT's own programs use.
struct SRTOptions: Equatable {
    /// Of FFmpeg's.
    private(set) var options = [
        // Packets of other peers may be as large as SRT has them.
        "payload_size": "1456"
    ]
    /// Whether the peer connects to us, instead of we to it.
    private(set) var isListener = false

    /// Bytes that libsrt takes.
    private static let passphrase = 10...79, streamID = 1...512
    private static let latency = 0...10_000  // ms

    init(_ address: URLComponents) throws(MediaError) {
        var names: Set<String> = []
        for item in address.queryItems ?? [] {
            let value = item.value ?? "", name = item.name
            guard names.insert(name).inserted else {
                throw .unsupportedReference("has the parameter '\(name.prefix(16))' twice")
            }
            switch name {
            case "mode":
                guard ["caller", "listener"].contains(value) else {
                    throw .unsupportedReference("has mode '\(value.prefix(16))', where caller or listener may stand")
                }
                isListener = value == "listener"
                options["mode"] = value
            case "latency":
                guard let milliseconds = Int(value), Self.latency.contains(milliseconds) else {
                    throw .unsupportedReference(
                        "has latency '\(value.prefix(16))', where milliseconds in \(Self.latency.text) may stand")
                }
                options["latency"] = "\(milliseconds * 1000)"  // µs
            case "pbkeylen":
                guard ["16", "24", "32"].contains(value) else {
                    throw .unsupportedReference("has pbkeylen '\(value.prefix(16))', where 16, 24 or 32 may stand")
                }
                options["pbkeylen"] = value
            case "passphrase": options["passphrase"] = try Self.secret(item, Self.passphrase)
            case "streamid": options["streamid"] = try Self.secret(item, Self.streamID)
            default:
                throw .unsupportedReference(
                    "has the parameter '\(name.prefix(16))', where mode, latency, passphrase, pbkeylen and streamid may stand"
                )
            }
        }
    }

    /// What is wrong with it is told by its length.
    private static func secret(_ item: URLQueryItem, _ lengths: ClosedRange<Int>) throws(MediaError) -> String {
        let value = item.value ?? "", count = value.utf8.count
        guard lengths.contains(count) else {
            throw .unsupportedReference("has a \(item.name) of \(count) bytes, where \(lengths.text) may stand")
        }
        return value
    }
}

extension ClosedRange<Int> {
    fileprivate var text: String { "\(lowerBound)…\(upperBound)" }
}
