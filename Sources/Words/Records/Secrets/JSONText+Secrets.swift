public import JSON

extension JSONText {
    /// The same document with each secret in it replaced by `***`, as `JSONValue.withoutSecrets` does it. Most documents hold nothing
    /// that could be one, and are not read for it.
    public var withoutSecrets: JSONText { mayHoldSecret ? JSONText(value.withoutSecrets) : self }

    /// Whether there is an address, a parameter of a query, or a part of a name that secrets have. Often it is none all the same.
    var mayHoldSecret: Bool {
        var text = text
        let beginsMark = SecretName.beginsMark
        return text.withUTF8 { bytes in
            var last: UInt8 = 0
            for (position, byte) in bytes.enumerated() {
                if byte == UInt8(ascii: "@") || byte == UInt8(ascii: "=") || byte >= 0x80 { return true }
                let letter = byte | 0x20
                if beginsMark[Int(last) << 8 | Int(letter)] {
                    let rest = bytes[(position - 1)...]
                    if SecretName.marks.contains(where: { rest.beginsInAnyCase(with: $0) }) { return true }
                }
                last = letter
            }
            return false
        }
    }
}

extension Slice<UnsafeBufferPointer<UInt8>> {
    fileprivate func beginsInAnyCase(with mark: [UInt8]) -> Bool {
        count >= mark.count && zip(self, mark).allSatisfy { $0 | 0x20 == $1 }
    }
}
