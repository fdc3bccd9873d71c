/// A page in the text format that Prometheus reads.
public struct MetricsPage: Sendable {
    public enum Kind: String, Sendable { case counter, gauge }

    public private(set) var text = ""

    mutating func head(_ name: String, _ kind: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    }
    mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Double) {
        let list = labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
        text += "\(name)\(list.isEmpty ? "" : "{\(list)}") \(value)\n"
    }
    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    public mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
        head(name, kind.rawValue, help)
        sample(name, [], Double(value))
    }
    /// One sample for each value of a label; nothing at all where there is none.
    public mutating func add(
        _ name: String, _ kind: Kind, _ help: String, by label: String, _ values: [(key: String, value: Int)]
    ) {
        guard !values.isEmpty else { return }
        head(name, kind.rawValue, help)
        for (key, value) in values { sample(name, [(label, key)], Double(value)) }
    }
}
