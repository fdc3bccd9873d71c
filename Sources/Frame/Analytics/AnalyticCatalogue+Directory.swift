public import Foundation
import JSON

/// Why the catalogue could not be loaded. Each case prints as one sentence for the operator.
public enum AnalyticCatalogueError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A file or folder that belongs to an analytic is not there or cannot be read.
    case unreadable(path: String)
    /// A file is not what it must be.
    case broken(path: String, reason: String)
    /// A name that the settings register is not `^[a-zA-Z0-9_\-]{1,36}$`.
    case badName(String)
    /// A name that the settings register twice, or that an analytic of the daemon has.
    case nameTaken(String)

    public var description: String {
        switch self {
        case .unreadable(let path): "The analytics folder is incomplete: \(path) cannot be read."
        case .broken(let path, let reason): "\(path) is broken: \(reason)."
        case .badName(let name): "'\(name)' cannot name an analytic: 1 to 36 letters, digits, '_' or '-' are wanted."
        case .nameTaken(let name): "The name '\(name)' is already that of another analytic."
        }
    }
}

extension AnalyticCatalogue {
    /// Loads what is published about the daemon's analytics and registers `noopNames` beside them.
    ///
    /// The files of an analytic are `analytic.json` (`description`, `version`), `README.md` (its documentation) and
    /// `schema.json` (JSON Schema of its parameters, whose `default`s make the default parameters). The model card of the
    /// bundled detectors, `models/CARD.md`, belongs to the documentation of all. What the analytic
    /// does and what it refuses is code; the schema tells others, and a test holds the two together.
    /// - Parameters:
    ///   - directory: the folder `analytics`, with one folder per analytic.
    ///   - abilities: what is asked for beyond them is refused by name.
    /// - Throws: `AnalyticCatalogueError`
    public init(directory: URL, noopNames: [String] = [], abilities: Abilities = Abilities()) throws {
        var entries = try AnalyticKind.all.map { try AnalyticEntry($0, in: directory, abilities) }
        for name in noopNames {
            guard name.wholeMatch(of: /[a-zA-Z0-9_\-]{1,36}/) != nil else { throw AnalyticCatalogueError.badName(name) }
            guard !entries.contains(where: { $0.name == name }) else { throw AnalyticCatalogueError.nameTaken(name) }
            entries.append(Self.noop(name: name))
        }
        self.init(entries: entries, abilities: abilities)
    }
}

extension AnalyticEntry {
    fileprivate init(_ kind: AnalyticKind, in directory: URL, _ abilities: Abilities) throws {
        let folder = directory.appending(path: kind.name)
        var schema = try JSONFile(folder.appending(path: "schema.json"))
        if !abilities.findsFaces {
            for (path, value) in kind.schemaWithoutFaces {
                schema.value = schema.value.replacing(path[...], with: value)
            }
        }
        let about = try JSONFile(folder.appending(path: "analytic.json"))
        let documentation = try TextFile(folder.appending(path: "README.md"))
        let modelCard = try TextFile(directory.appending(path: "models/CARD.md"))
        let (description, version) = try about.read { reader throws(JSONViolation) in
            _ = try reader.object(known: ["description", "version"])
            return (
                try reader.required("description").string(), try reader.required("version").integer(in: 1 ... .max)
            )
        }
        let defaults = try schema.read { reader throws(JSONViolation) in
            _ = try reader.object()
            return reader.value.schemaDefault ?? .emptyObject
        }
        self.init(
            name: kind.name, description: description, version: version, defaultParameters: defaults,
            validationSchema: schema.value, documentation: documentation.text + "\n" + modelCard.text,
            resultName: kind.resultName,
            prepare: { reader throws(JSONViolation) in try kind.prepare(reader, abilities) })
    }
}

extension JSONValue {
    /// With another value at a path of members, or none.
    fileprivate func replacing(_ path: ArraySlice<String>, with value: JSONValue?) -> JSONValue {
        guard let name = path.first, var members = object else { return value ?? .null }
        members[name] =
            path.count == 1 ? value : (members[name] ?? .emptyObject).replacing(path.dropFirst(), with: value)
        return .object(members)
    }
    /// The value that a JSON Schema gives to what is left out: its `default`, else an object of its properties' defaults.
    var schemaDefault: JSONValue? {
        if let value = self["default"] { return value }
        guard let properties = self["properties"]?.object else { return nil }
        let defaults = properties.compactMapValues(\.schemaDefault)
        return defaults.isEmpty ? nil : .object(defaults)
    }
}

private struct TextFile {
    let text: String
    init(_ url: URL) throws(AnalyticCatalogueError) {
        guard let data = try? Data(contentsOf: url) else { throw .unreadable(path: url.path) }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw .broken(path: url.path, reason: "it is not UTF-8 text")
        }
        self.text = text
    }
}

private struct JSONFile {
    var value: JSONValue
    private let path: String
    init(_ url: URL) throws(AnalyticCatalogueError) {
        path = url.path
        let text = try TextFile(url).text
        guard let value = try? JSONValue(parsing: Data(text.utf8)) else {
            throw .broken(path: path, reason: "it is not JSON")
        }
        self.value = value
    }
    func read<T>(_ body: (JSONReader) throws(JSONViolation) -> T) throws(AnalyticCatalogueError) -> T {
        do { return try body(JSONReader(value)) } catch {
            throw .broken(path: path, reason: "'\(error.path)': \(error.message)")
        }
    }
}
