/// Documents that are written piece by piece, without being values first. Whoever writes keeps to the order of keys himself.
extension JSONWriter {
    public var document: JSONText { JSONText(written: String(decoding: bytes, as: UTF8.self)) }

    /// Begins the member of an object.
    public mutating func key(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }
    public mutating func object(_ members: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "{"))
        members(&self)
        bytes.append(UInt8(ascii: "}"))
    }
    public mutating func array<Item>(_ items: [Item], _ item: (inout JSONWriter, Item) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "["))
        for each in items { item(&self, each) }
        bytes.append(UInt8(ascii: "]"))
    }
    public mutating func string(_ text: String) {
        separate()
        write(quoted: text)
    }
    public mutating func integer(_ number: Int) {
        separate()
        write(number.description)
    }
    public mutating func bool(_ flag: Bool) {
        separate()
        write(flag ? "true" : "false")
    }
    public mutating func number(_ number: Double) {
        separate()
        write(number)
    }
    public mutating func null() {
        separate()
        write("null")
    }
    public mutating func text(_ text: JSONText) {
        separate()
        write(text.text)
    }

    /// A comma, unless something has just begun.
    private mutating func separate() {
        switch bytes.last {
        case nil, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"): break
        default: bytes.append(UInt8(ascii: ","))
        }
    }
}
