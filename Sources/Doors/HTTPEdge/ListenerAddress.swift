/// Where a listener takes connections.
public struct ListenerAddress: Hashable, Sendable {
    public var host: String
    /// 0 lets the system choose one.
    public var port: Int
    public init(host: String, port: Int) { (self.host, self.port) = (host, port) }

    public static let wanted = "an address with a port such as 127.0.0.1:5011 or [::1]:5011"

    /// `nil` when `text` is no host and port.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.init(host: String(host), port: port)
    }
    public var text: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }
}
