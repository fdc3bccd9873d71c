/// Finds the passwords in the user information of addresses: `rtsp://admin:secret@10.0.0.5/1`.
enum UserInformation {
    /// Their places, in order.
    static func passwords(in bytes: UnsafeBufferPointer<UInt8>, as kind: Redaction.Kind) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var position = 0, isAddress = false
        while let separator = separator(in: bytes[position...]) {
            isAddress = true
            position = separator + 3
            guard let password = password(in: bytes[position...]) else { continue }
            found.append(password)
            position = password.upperBound
        }
        if !isAddress, kind != .prose, let password = bareCredentials(in: bytes[...]) { found.append(password) }
        return found
    }

    /// Where `://` stands first.
    private static func separator(in bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        bytes.indices.first { bytes[$0] == UInt8(ascii: ":") && bytes[$0...].starts(with: "://".utf8) }
    }

    /// The password in `address`, which begins behind `://`: what lies between the first `:` of the user information and the
    /// last `@` before the path, since cameras' passwords hold `@`. They hold `/`, `?` and `#` as well, which then seem to
    /// end the authority; it is recognised by a port that is none, and everything up to the last `@` of the text goes.
    private static func password(in address: Slice<UnsafeBufferPointer<UInt8>>) -> Range<Int>? {
        let authority = address.prefix { !"/?#".utf8.contains($0) }
        let colon = authority.firstIndex(of: UInt8(ascii: ":"))
        if let at = authority.lastIndex(of: UInt8(ascii: "@")) {
            return colon.flatMap { $0 < at ? $0 + 1..<at : nil }
        }
        guard authority.first != UInt8(ascii: "["), let colon, let at = address.lastIndex(of: UInt8(ascii: "@"))
        else { return nil }
        let port = authority[(colon + 1)...]
        let isPort = !port.isEmpty && port.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return isPort ? nil : colon + 1..<at
    }

    /// The password of `admin:secret@10.0.0.5/1` and `rtsp:/admin:secret@host`, where the scheme was forgotten or misspelt.
    private static func bareCredentials(in text: Slice<UnsafeBufferPointer<UInt8>>) -> Range<Int>? {
        guard let at = text.lastIndex(of: UInt8(ascii: "@")),
            let colon = text[..<at].firstIndex(of: UInt8(ascii: ":")),
            !text[..<colon].contains(where: { $0 == UInt8(ascii: "/") || $0.isBlank })
        else { return nil }
        return colon + 1..<at
    }
}

extension UInt8 {
    /// A space, a tab or an end of line.
    var isBlank: Bool { self == UInt8(ascii: " ") || (0x09...0x0d).contains(self) }
}
