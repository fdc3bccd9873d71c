import CExpat

/// Who is told of the elements of a document as they come.
package protocol XMLListener: AnyObject {
    /// - Parameters:
    ///   - name: without its prefix, which senders choose as they like.
    ///   - attributes: by name, likewise.
    /// - Returns: whether to read on.
    func begin(_ name: String, _ attributes: [String: String]) -> Bool
    /// A part of the text of the element that is open, in UTF-8.
    func add(_ text: UnsafeRawBufferPointer)
    func end()
}

/// Reads a document (XML 1.0) that a stranger sent, all of it at once.
///
/// A document type ends it: messages have none, and its entities may swell.
/// - Returns: whether it is one, and `listener` wanted all of it. What the listener was told before is no worse otherwise.
package func readXML(_ bytes: [UInt8], to listener: any XMLListener) -> Bool {
    // The names of namespaces go in front, up to a byte that is in no name.
    guard let parser = XML_ParserCreateNS(nil, Conversation.separator) else { return false }
    defer { XML_ParserFree(parser) }
    let conversation = Conversation(parser, listener)
    XML_SetUserData(parser, Unmanaged.passUnretained(conversation).toOpaque())
    XML_SetElementHandler(
        parser, { Conversation.of($0).begin($1!, $2) }, { state, _ in Conversation.of(state).end() })
    XML_SetCharacterDataHandler(parser) { state, text, count in
        Conversation.of(state).add(UnsafeRawBufferPointer(start: text, count: Int(count)))
    }
    XML_SetStartDoctypeDeclHandler(parser) { state, _, _, _, _ in Conversation.of(state).refuse() }
    let isRead = bytes.withUnsafeBufferPointer { bytes in
        bytes.withMemoryRebound(to: CChar.self) {
            XML_Parse(parser, $0.baseAddress, Int32($0.count), 1) == XML_STATUS_OK
        }
    }
    return isRead && !conversation.isRefused
}

/// Between the parser and the listener, for as long as one document is read.
private final class Conversation {
    static let separator: XML_Char = 0x0a
    private let parser: XML_Parser
    private let listener: any XMLListener
    private(set) var isRefused = false

    init(_ parser: XML_Parser, _ listener: any XMLListener) { (self.parser, self.listener) = (parser, listener) }
    static func of(_ state: UnsafeMutableRawPointer?) -> Conversation {
        Unmanaged<Conversation>.fromOpaque(state!).takeUnretainedValue()
    }

    /// The parser may say one thing more before it stops.
    func refuse() {
        isRefused = true
        XML_StopParser(parser, XML_Bool(XML_FALSE))
    }
    func begin(_ name: UnsafePointer<XML_Char>, _ list: UnsafeMutablePointer<UnsafePointer<XML_Char>?>?) {
        guard !isRefused else { return }
        var attributes: [String: String] = [:]
        var next = list
        while let entry = next, let key = entry[0], let value = entry[1] {
            attributes[Self.local(key)] = String(cString: value)
            next = entry + 2
        }
        if !listener.begin(Self.local(name), attributes) { refuse() }
    }
    func add(_ text: UnsafeRawBufferPointer) { if !isRefused { listener.add(text) } }
    func end() { if !isRefused { listener.end() } }

    private static func local(_ name: UnsafePointer<XML_Char>) -> String {
        let name = String(cString: name)
        return name.utf8.lastIndex(of: UInt8(separator)).map { String(name[name.utf8.index(after: $0)...]) } ?? name
    }
}
