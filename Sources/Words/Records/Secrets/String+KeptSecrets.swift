extension String {
    var mentionsMask: Bool {
        utf8.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "%") }
            && (contains(Redaction.mask) || lowercased().contains("%2a%2a%2a"))
    }
    /// Whether this stands for a secret that is not told; clients may have encoded it.
    var isMask: Bool { utf8.count <= 9 && DecodedLetters(utf8).elementsEqual(Redaction.mask.utf8) }

    /// This text with the secrets of `stored` where it reads `***` in their places, and its own where it reads something else.
    /// `nil` when anything but the secrets differs.
    func filled(from stored: String, _ secrets: [Range<Int>]) -> String? {
        let stored = Array(stored.utf8)
        let own = Array(utf8)
        var filled: [UInt8] = []
        var position = 0
        for (number, secret) in secrets.enumerated() {
            let before = stored[(number == 0 ? 0 : secrets[number - 1].upperBound)..<secret.lowerBound]
            let isLast = number == secrets.count - 1
            let behind = stored[secret.upperBound..<(isLast ? stored.count : secrets[number + 1].lowerBound)]
            guard own[position...].starts(with: before) else { return nil }
            position += before.count
            guard let end = own.place(of: behind, from: position, atEnd: isLast) else { return nil }
            let written = own[position..<end]
            filled += before
            filled += String(decoding: written, as: UTF8.self).isMask ? stored[secret] : written
            position = end
        }
        let rest = stored[(secrets.last?.upperBound ?? 0)...]
        guard own[position...].elementsEqual(rest) else { return nil }
        return String(decoding: filled + rest, as: UTF8.self)
    }
}

extension [UInt8] {
    /// Where `part` stands first, not before `start`; at the very end if it has to.
    fileprivate func place(of part: ArraySlice<UInt8>, from start: Int, atEnd: Bool) -> Int? {
        if atEnd {
            let place = count - part.count
            return place >= start && self[place...].elementsEqual(part) ? place : nil
        }
        let part = Array(part)
        guard !part.isEmpty else { return start }
        let borders = part.borders
        var length = 0
        for index in start..<Swift.max(start, count) {
            while length > 0, self[index] != part[length] { length = borders[length - 1] }
            if self[index] == part[length] { length += 1 }
            if length == part.count { return index + 1 - length }
        }
        return nil
    }
    /// How long the longest beginning of each beginning is that is also its end, so that a search never goes back.
    private var borders: [Int] {
        var borders = [Int](repeating: 0, count: count)
        var length = 0
        for index in indices.dropFirst() {
            while length > 0, self[index] != self[length] { length = borders[length - 1] }
            if self[index] == self[length] { length += 1 }
            borders[index] = length
        }
        return borders
    }
}
