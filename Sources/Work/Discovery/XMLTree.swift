import XML

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

    /// - Returns: `nil` for what is no document, has a document type, or is larger than any answer of a device.
    init?(_ bytes: [UInt8]) {
        let reader = Reader()
        guard readXML(bytes, to: reader), let root = reader.root else { return nil }
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

    private final class Reader: XMLListener {
        private(set) var root: XMLTree?
        private var open: [(tree: XMLTree, text: [UInt8])] = []
        private var count = 0

        func begin(_ name: String, _ attributes: [String: String]) -> Bool {
            count += 1
            guard open.count < XMLTree.depthLimit, count <= XMLTree.countLimit else { return false }
            open.append((XMLTree(name: name, attributes: attributes), []))
            return true
        }
        func add(_ part: UnsafeRawBufferPointer) {
            if !open.isEmpty { open[open.count - 1].text += part }
        }
        func end() {
            guard var (tree, text) = open.popLast() else { return }
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
