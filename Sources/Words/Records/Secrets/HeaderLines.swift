/// Finds secrets in headers that are written as text, `Authorization: Bearer VALUE`, one a line.
enum HeaderLines {
    static func secrets(in letters: some Letters) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var start = 0
        while start < letters.endIndex {
            let end = letters.end(from: start, level: .max) { $0 == 0x0a || $0 == 0x0d }
            if let colon = letters[start..<end].firstIndex(of: UInt8(ascii: ":")),
                SecretName.isSecretHeader(String(decoding: letters[start..<colon], as: UTF8.self)),
                let value = letters[(colon + 1)..<end].firstIndex(where: { !$0.isBlank })
            {
                found.append(value..<end)
            }
            start = end + 1
        }
        return found
    }
}
