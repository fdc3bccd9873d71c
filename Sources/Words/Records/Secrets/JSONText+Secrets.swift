public import JSON

extension JSONText {
    /// The same document with each secret in it replaced by `***`, as `JSONValue.withoutSecrets` does it. Most documents hold nothing
    /// that could be one, and are not read for it.
    public var withoutSecrets: JSONText { mayHoldSecret ? JSONText(value.withoutSecrets) : self }

    /// Whether there is an address, a parameter of a query, or a part of a name that secrets have. Often it is none all the same.
    var mayHoldSecret: Bool {
        var text = text
        return text.withUTF8 { bytes in
            SecretName.placesInMarks.withUnsafeBufferPointer { places in
                var last: UInt32 = 0
                for position in 0..<bytes.count {
                    let place = places[Int(bytes[position])]
                    if place == SecretName.anyPlace { return true }
                    if last & place != 0, SecretName.marks.contains(where: { bytes.holds($0, at: position - 1) }) {
                        return true
                    }
                    last = place >> 16
                }
                return false
            }
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// - Parameter mark: in lower case.
    fileprivate func holds(_ mark: [UInt8], at position: Int) -> Bool {
        guard mark.count <= count - position else { return false }
        for index in 0..<mark.count where self[position + index] | 0x20 != mark[index] { return false }
        return true
    }
}
