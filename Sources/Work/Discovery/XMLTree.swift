import CExpat

/// An element of a small document, by its local name: devices choose prefixes as they like.
struct XMLTree: Sendable {
    let name: String
    let attributes: [String: String]
    fileprivate(set) var text = ""
    fileprivate(set) var children: [XMLTree] = []

    /// Of elements in each other, and of all.
    private static let depthLimit = 32
    private static let countLimit = 10_000

    fileprivate init(name: String, attributes: [String: String]) { (self.name, self.attributes) = (name, attributes) }

    /// - Returns: `nil` for what is no document, has a document type, whose entities may swell, or is larger than any answer of a device.
    init?(_ bytes: [UInt8]) {
        // The names of namespaces go in front, up to a byte that is in no name.
        guard let parser = XML_ParserCreateNS(nil, 0x0a) else { return nil }
        defer { XML_ParserFree(parser) }
        let reader = Reader(parser)
        XML_SetUserData(parser, Unmanaged.passUnretained(reader).toOpaque())
        XML_SetElementHandler(
            parser, { state, name, attributes in Reader.of(state).begin(name!, attributes) },
            { state, _ in Reader.of(state).end() })
        XML_SetCharacterDataHandler(parser) { state, text, count in
            Reader.of(state).add(UnsafeRawBufferPointer(start: text, count: Int(count)))
        }
        XML_SetStartDoctypeDeclHandler(parser) { state, _, _, _, _ in Reader.of(state).refuse() }
        let isRead = bytes.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                XML_Parse(parser, $0.baseAddress, Int32($0.count), 1) == XML_STATUS_OK
            }
        }
        guard isRead, !reader.isRefused, let root = reader.root else { return nil }
        self = root
    }

    /// The first child of a name.
    subscript(name: String) -> XMLTree? { children.first { $0.name == name } }
    /// What a chain of first children ends in.
    func at(_ names: String...) -> XMLTree? {
        var place: XMLTree? = self
        for name in names { place = place?[name] }
        return place
    }
    func all(_ name: String) -> [XMLTree] { children.filter { $0.name == name } }
    /// Without what is around it; `nil` when nothing is left.
    var word: String? {
        let word = text.trimming()
        return word.isEmpty ? nil : word
    }

    private final class Reader {
        private(set) var root: XMLTree?
        private(set) var isRefused = false
        private let parser: XML_Parser
        private var open: [(tree: XMLTree, text: [UInt8])] = []
        private var count = 0

        init(_ parser: XML_Parser) { self.parser = parser }
        static func of(_ state: UnsafeMutableRawPointer?) -> Reader {
            Unmanaged<Reader>.fromOpaque(state!).takeUnretainedValue()
        }
        func refuse() {
            isRefused = true
            XML_StopParser(parser, XML_Bool(XML_FALSE))
        }
        private static func local(_ name: UnsafePointer<XML_Char>) -> String {
            let name = String(cString: name)
            return name.utf8.lastIndex(of: 0x0a).map { String(name[name.utf8.index(after: $0)...]) } ?? name
        }
        func begin(_ name: UnsafePointer<XML_Char>, _ list: UnsafeMutablePointer<UnsafePointer<XML_Char>?>?) {
            count += 1
            guard open.count < XMLTree.depthLimit, count <= XMLTree.countLimit else { return refuse() }
            var attributes: [String: String] = [:]
            var next = list
            while let entry = next, let key = entry[0], let value = entry[1] {
                attributes[Self.local(key)] = String(cString: value)
                next = entry + 2
            }
            open.append((XMLTree(name: Self.local(name), attributes: attributes), []))
        }
        func add(_ part: UnsafeRawBufferPointer) {
            if !open.isEmpty { open[open.count - 1].text += part }
        }
        func end() {
            guard !isRefused, var (tree, text) = open.popLast() else { return }
            tree.text = String(decoding: text, as: UTF8.self)
            text = []
            if open.isEmpty { root = tree } else { open[open.count - 1].tree.children.append(tree) }
        }
    }
}

extension StringProtocol {
    /// Without blanks at both ends.
    func trimming() -> String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
    /// As text in an XML document.
    var escapedForXML: String {
        var text = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case _ where scalar.value < 0x20: text += " "
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
    /// As it may be shown: short, in one line, and without what a terminal would obey.
    var shownPlain: String? {
        let scalars = unicodeScalars.filter {
            switch $0.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
            default: true
            }
        }
        let text = String(String.UnicodeScalarView(scalars.prefix(200))).trimming()
        return text.isEmpty ? nil : text
    }
}
