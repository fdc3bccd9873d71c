public import JSON
public import Scene

extension Privacy {
    /// `privacy` of a stream or of one of its analytics: `{"mode": …, "method": …}`.
    public init(_ reader: JSONReader) throws(JSONViolation) {
        _ = try reader.object(known: ["mode", "method"])
        let mode = Mode(rawValue: try reader.required("mode").string(oneOf: Mode.allCases.map(\.rawValue)))!
        let method = try reader.present("method")
        if let method, mode == .countsOnly {
            throw method.violation("Of 'counts_only' there are no pictures, and nothing to cover")
        }
        let name = try method?.string(oneOf: Method.allCases.map(\.rawValue))
        self.init(mode, by: name.flatMap { Method(rawValue: $0) })
    }

    /// As it was written.
    public var wire: JSONValue {
        var members: [String: JSONValue] = ["mode": .string(mode.rawValue)]
        members["method"] = method.map { .string($0.rawValue) }
        return .object(members)
    }
}
