public import Foundation
public import HTTPEdge

/// The console's pages as a door: `index.html` at `/`, each other file at its own path under `/console`, as `index.html` names them, by addresses that
/// are relative to its own. They are read once, and need no
/// credentials: what they show they ask of the API.
/// - Parameters:
///   - folder: holds the files. Hidden ones and those of kinds that no page needs are left out.
///   - root: the door of the API, whose clients know its answers to what is not there.
/// - Throws: when the files cannot be read, or no `index.html` is among them.
public func buildConsole(folder: URL, beside root: Door) throws -> Door {
    let table = ResourceTable(OpenGate())
    // A link by itself would be listed as empty.
    let folder = folder.resolvingSymlinksInPath()
    func add(_ path: String, _ file: ConsoleFile) {
        table.add(path, .get { file.answer(to: $0.request) }, .head { file.answer(to: $0.request) })
    }
    var hasIndex = false
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted() where isServed(path) {
        let url = folder.appending(path: path)
        guard try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true,
            let file = ConsoleFile([UInt8](try Data(contentsOf: url)), name: path)
        else { continue }
        let isIndex = path == "index.html"
        add(isIndex ? "/" : "\(prefix)/\(path)", file)
        if isIndex { hasIndex = true }
    }
    guard hasIndex else { throw ConsoleError.noIndex }
    return Door(prefix: prefix, others: ["/"], table: table, answer: { root.answer(to: $0) })
}
private let prefix = "/console"

/// Whether each part of a path is a plain name that is not hidden, so that it means itself in an address.
private func isServed(_ path: String) -> Bool {
    path.split(separator: "/").allSatisfy { name in
        name.first != "." && name.wholeMatch(of: /[A-Za-z0-9._-]+/) != nil
    }
}

/// Why there is no console.
public enum ConsoleError: Error, Hashable, CustomStringConvertible {
    case noIndex
    public var description: String {
        switch self {
        case .noIndex: "there is no index.html"
        }
    }
}
