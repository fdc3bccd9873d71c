/// Says by its name whether a value is a secret: a parameter of a query, a member of an object, a header.
enum SecretName {
    /// A name that holds one of these as a word of its own: `api_key`, `X-Amz-Security-Token`, `AWSAccessKeyId`.
    private static let words: Set<String> = [
        "password", "passwd", "passphrase", "passcode", "pwd", "pass", "pw", "psw", "psk", "token", "jwt", "bearer",
        "key", "secret", "auth", "authorization", "sig", "sign", "signature", "hmac", "session", "sid", "credential",
        "credentials", "cookie", "otp", "hdnea", "hdnts", "hdntl",
    ]
    /// Ends of words that were written without a mark between them: `apikey`, `authtoken`, `loginpas`.
    private static let endings = [
        "password", "passwd", "pwd", "pass", "pas", "token", "secret", "apikey", "accesskey", "secretkey", "privatekey",
        "authkey", "keyid", "signature", "sessionid", "credential", "credentials",
    ]
    /// Last words of names that speak about a secret and hold none: `token_type`.
    private static let harmlessLasts: Set<String> = [
        "type", "file", "attrs", "frame", "frames", "count", "length", "limit", "interval", "timeout", "expires",
        "expiry",
    ]
    /// What a header's name holds anywhere in it when its value is a secret.
    private static let partsOfHeaders: [StaticString] = [
        "token", "secret", "key", "auth", "cookie", "session", "passw", "pwd", "credential", "signature",
    ]

    /// In lower case: texts of which every secret name holds one, whatever else it is. Where none of them is, no name is secret.
    static let marks: [[UInt8]] = {
        let all = words.union(endings).union(partsOfHeaders.map { "\($0)" })
        let shortest = all.filter { word in !all.contains { $0 != word && word.contains($0) } }
        return shortest.sorted().map { Array($0.utf8) }
    }()
    /// For each byte, in any case, which marks it begins (upper half, a bit for each first letter) and in which of these it stands
    /// second (lower half): where both meet, a mark may begin. Nearly all places of a text end here. `anyPlace` for what alone
    /// makes a text one to be read: it may hold an address, a parameter, or another alphabet.
    static let placesInMarks: [UInt32] = {
        let firsts = Set(marks.map { $0[0] }).sorted()
        precondition(firsts.count <= 16, "there are more first letters than bits")
        return (UInt8.min ... .max).map { byte in
            if byte == UInt8(ascii: "@") || byte == UInt8(ascii: "=") || byte >= 0x80 { return anyPlace }
            var places: UInt32 = 0
            for (bit, first) in firsts.enumerated() {
                if byte | 0x20 == first { places |= 1 << (16 + bit) }
                if marks.contains(where: { $0[0] == first && $0[1] == byte | 0x20 }) { places |= 1 << bit }
            }
            return places
        }
    }()
    static let anyPlace = UInt32.max

    /// - Parameter name: of a member.
    static func isSecret(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { isSuspicious($0[...]) && holdsSecretWord($0[...]) }
    }
    /// - Parameter name: of a parameter, perhaps percent-encoded.
    static func isSecret(decoding name: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        guard name.contains(UInt8(ascii: "%")) else { return isSuspicious(name) && holdsSecretWord(name) }
        // Twice, as it would be behind a redirect.
        return holdsSecretWord(name.percentDecoded.percentDecoded[...])
    }
    static func isSecretHeader(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { name in
            name.indices.contains { start in partsOfHeaders.contains { name[start...].begins(withLetters: $0) } }
                || (isSuspicious(name[...]) && holdsSecretWord(name[...]))
        }
    }

    /// Whether the beginning of any of the words is there at all: nearly every name ends here, in some nanoseconds.
    private static func isSuspicious(_ name: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        var last: UInt8 = 0, lastButOne: UInt8 = 0
        for byte in name {
            let letter = byte | 0x20
            switch (lastButOne, last, letter) {
            case (UInt8(ascii: "p"), UInt8(ascii: "a"), UInt8(ascii: "s")),
                (UInt8(ascii: "t"), UInt8(ascii: "o"), UInt8(ascii: "k")),
                (UInt8(ascii: "k"), UInt8(ascii: "e"), UInt8(ascii: "y")),
                (UInt8(ascii: "s"), UInt8(ascii: "e"), UInt8(ascii: "c")),
                (UInt8(ascii: "s"), UInt8(ascii: "e"), UInt8(ascii: "s")),
                (UInt8(ascii: "s"), UInt8(ascii: "i"), _), (_, UInt8(ascii: "p"), UInt8(ascii: "w")),
                (_, UInt8(ascii: "p"), UInt8(ascii: "s")), (UInt8(ascii: "a"), UInt8(ascii: "u"), UInt8(ascii: "t")),
                (UInt8(ascii: "j"), UInt8(ascii: "w"), UInt8(ascii: "t")),
                (UInt8(ascii: "b"), UInt8(ascii: "e"), UInt8(ascii: "a")),
                (UInt8(ascii: "c"), UInt8(ascii: "r"), UInt8(ascii: "e")),
                (UInt8(ascii: "c"), UInt8(ascii: "o"), UInt8(ascii: "o")),
                (UInt8(ascii: "h"), UInt8(ascii: "m"), UInt8(ascii: "a")),
                (UInt8(ascii: "h"), UInt8(ascii: "d"), UInt8(ascii: "n")),
                (UInt8(ascii: "o"), UInt8(ascii: "t"), UInt8(ascii: "p")):
                return true
            default: (lastButOne, last) = (last, letter)
            }
        }
        return false
    }

    private static func holdsSecretWord(_ name: some Collection<UInt8>) -> Bool {
        let words = words(of: name)
        guard let last = words.last, !harmlessLasts.contains(last) else { return false }
        return words.contains { word in
            Self.words.contains(word) || endings.contains { word.hasSuffix($0) }
        }
    }
    /// The words of `api_key`, `X-Api-Key` and `apiKey`, in lower case.
    private static func words(of name: some Collection<UInt8>) -> [String] {
        var words: [String] = []
        var word = "", wasLower = false
        for character in String(decoding: name, as: UTF8.self) {
            let isPart = character.isLetter
            if !isPart || (character.isUppercase && wasLower), !word.isEmpty {
                words.append(word)
                word = ""
            }
            if isPart { word += character.lowercased() }
            wasLower = character.isLowercase
        }
        if !word.isEmpty { words.append(word) }
        return words
    }
}

extension Slice<UnsafeBufferPointer<UInt8>> {
    /// - Parameter letters: in lower case.
    fileprivate func begins(withLetters letters: StaticString) -> Bool {
        guard letters.utf8CodeUnitCount <= count else { return false }
        for index in 0..<letters.utf8CodeUnitCount where self[startIndex + index] | 0x20 != letters.utf8Start[index] {
            return false
        }
        return true
    }
}
