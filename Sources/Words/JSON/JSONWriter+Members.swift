/// Documents that are written piece by piece, without being values first. Whoever writes keeps to the order of keys himself.
extension JSONWriter {
    /// Begins the member of an object.
    @inlinable public mutating func key(_ name: StaticString) {
        reserve(name.utf8CodeUnitCount + 4)
        if isBehindValue { put(UInt8(ascii: ",")) }
        put(UInt8(ascii: "\""))
        put(name.utf8Start, name.utf8CodeUnitCount)
        put(UInt8(ascii: "\""))
        put(UInt8(ascii: ":"))
        isBehindValue = false
    }
    /// What stands before it is a key.
    mutating func colon() {
        reserve(1)
        put(UInt8(ascii: ":"))
        isBehindValue = false
    }
    @inlinable public mutating func object(_ members: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "{"))
        members(&self)
        close(UInt8(ascii: "}"))
    }
    @inlinable public mutating func array<Item>(_ items: [Item], _ item: (inout JSONWriter, Item) -> Void) {
        open(UInt8(ascii: "["))
        for index in items.indices { item(&self, items[index]) }
        close(UInt8(ascii: "]"))
    }
    /// `[["name", value], …]`
    public mutating func pairs(_ pairs: [(name: String, value: JSONText)]) {
        array(pairs) { writer, pair in
            writer.open(UInt8(ascii: "["))
            writer.string(pair.name)
            writer.text(pair.value)
            writer.close(UInt8(ascii: "]"))
        }
    }
    public mutating func string(_ text: String) {
        separate()
        write(quoted: text)
    }
    /// A string of `length` characters of which none needs an escape, in ASCII, written by `body` where it is to stand.
    @inlinable public mutating func plainString(_ length: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
        separate()
        reserve(length + 2)
        put(UInt8(ascii: "\""))
        body(UnsafeMutableBufferPointer(start: start + count, count: length))
        count += length
        put(UInt8(ascii: "\""))
    }
    public mutating func integer(_ number: some BinaryInteger) {
        separate()
        write(whole: Int64(number))
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

    /// A comma, unless something has just begun; a value comes then.
    @inlinable mutating func separate() {
        if isBehindValue {
            reserve(1)
            put(UInt8(ascii: ","))
        }
        isBehindValue = true
    }
    @inlinable mutating func open(_ bracket: UInt8) {
        reserve(2)
        if isBehindValue { put(UInt8(ascii: ",")) }
        put(bracket)
        isBehindValue = false
    }
    @inlinable mutating func close(_ bracket: UInt8) {
        reserve(1)
        put(bracket)
        isBehindValue = true
    }
}
