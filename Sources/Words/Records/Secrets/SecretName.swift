/// Says by its name whether a value is a secret: a parameter of a query, a member of an object, a header, a segment of a path.
enum SecretName {
    /// How sure a name makes it.
    enum Strength: Hashable {
        case none, secret
        /// Also the name of harmless things, `code=200`: a value with fewer letters is one of those, and, where that is asked for,
        /// one without letters of the alphabet or without digits.
        case perhaps(from: Int, hasLetter: Bool = false, hasDigit: Bool = false)

        /// Whether a value under the name is hidden. What reads `***` always is.
        func hides(_ value: some Collection<UInt8>) -> Bool {
            switch self {
            case .none: false
            case .secret: true
            case .perhaps(let minimum, let hasLetter, let hasDigit):
                value.elementsEqual(Redaction.mask.utf8)
                    || (value.count >= minimum && (!hasLetter || value.contains(where: \.isLetter))
                        && (!hasDigit || value.contains(where: \.isDigit)))
            }
        }
    }

    /// A name that holds one of these as a word of its own: `api_key`, `X-Amz-Security-Token`, `AWSAccessKeyId`.
    private static let words: Set<String> = [
        "password", "passwd", "passphrase", "passcode", "pwd", "pass", "pw", "psw", "psk", "token", "jwt", "bearer",
        "key", "secret", "auth", "authorization", "sig", "sign", "signature", "hmac", "session", "sid", "credential",
        "credentials", "cookie", "otp", "hdnea", "hdnts", "hdntl",
    ]
    /// Ends of words that were written without a mark between them: `apikey`, `authtoken`, `loginpas`, `wowzatokenhash`.
    private static let endings = [
        "password", "passwd", "pwd", "pass", "pas", "token", "secret", "apikey", "accesskey", "secretkey", "privatekey",
        "authkey", "keyid", "signature", "sessionid", "credential", "credentials", "tokenhash", "authcode", "pincode",
        "accesscode", "passcode",
    ]
    /// Ends of words for what is most often a secret: hashes of links that are signed, numbers that open doors.
    private static let perhapsEndings = ["hash", "md5", "ticket", "sha1", "sha256", "sha512"]
    private static let perhapsWords: Set<String> = ["pin", "digest"]
    /// Whole names.
    private static let perhapsNames: Set<String> = ["code", "nonce"]
    /// Last words of names that speak about a secret and hold none: `token_type`.
    private static let harmlessLasts: Set<String> = [
        "type", "file", "attrs", "frame", "frames", "count", "length", "limit", "interval", "timeout", "expires",
        "expiry",
    ]
    /// What a header's name holds anywhere in it when its value is a secret.
    private static let partsOfHeaders: [StaticString] = [
        "token", "secret", "key", "auth", "cookie", "session", "passw", "pwd", "credential", "signature",
    ]
    /// Segments of a path that a secret stands behind, without marks in them; others have it there when it looks like one.
    private static let segments: Set<String> = [
        "password", "passwd", "passphrase", "pwd", "token", "accesstoken", "authtoken", "jwt", "bearer", "secret",
        "apikey", "accesskey", "secretkey", "signature", "hmac", "credential", "credentials",
    ]

    /// In lower case: texts of which every secret name holds one, whatever else it is. Where none of them is, no name is secret.
    static let marks: [[UInt8]] = {
        let all = words.union(endings).union(partsOfHeaders.map { "\($0)" }).union(perhapsEndings).union(perhapsWords)
            .union(perhapsNames)
        let shortest = all.filter { word in !all.contains { $0 != word && word.contains($0) } }
        return shortest.sorted().map { Array($0.utf8) }
    }()
    /// For each byte, in any case, which marks it begins (upper half, a bit for each first letter) and in which of these it stands
    /// second (lower half): where both meet, a mark may begin. Nearly all places of a text end here. `anyPlace` for what alone
    /// makes a text one to be read: it may hold an address, a parameter, something encoded, or another alphabet.
    private static let placesInMarks: [UInt32] = {
        let firsts = Set(marks.map { $0[0] }).sorted()
        precondition(firsts.count <= 16, "there are more first letters than bits")
        return (UInt8.min ... .max).map { byte in
            if "@=%".utf8.contains(byte) || byte >= 0x80 { return anyPlace }
            var places: UInt32 = 0
            for (bit, first) in firsts.enumerated() {
                if byte | 0x20 == first { places |= 1 << (16 + bit) }
                if marks.contains(where: { $0[0] == first && $0[1] == byte | 0x20 }) { places |= 1 << bit }
            }
            return places
        }
    }()
    private static let anyPlace = UInt32.max

    /// Whether there is an address with a user, a parameter, something encoded, or a part of a name that secrets have. Most texts
    /// have none of these, and hold no secret; most names end here, too.
    static func isSuspicious(_ text: some Collection<UInt8>) -> Bool {
        text.withContiguousStorageIfAvailable(isSuspicious) ?? Array(text).withUnsafeBufferPointer(isSuspicious)
    }
    private static func isSuspicious(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        placesInMarks.withUnsafeBufferPointer { places in
            var last: UInt32 = 0
            for position in 0..<bytes.count {
                let place = places[Int(bytes[position])]
                if place == anyPlace { return true }
                if last & place != 0, marks.contains(where: { bytes[(position - 1)...].begins(with: $0) }) {
                    return true
                }
                last = place >> 16
            }
            return false
        }
    }

    // MARK: Names

    /// - Parameter name: of a member.
    static func strength(of name: some Collection<UInt8>) -> Strength {
        guard isSuspicious(name) else { return .none }
        let words = SecretWords(name)
        guard let last = words.parts.last, !harmlessLasts.contains(last) else { return .none }
        if words.all.contains(where: { word in Self.words.contains(word) || endings.contains(where: word.hasSuffix) }) {
            return .secret
        }
        if words.all.contains(where: { word in
            perhapsWords.contains(word) || perhapsEndings.contains(where: word.hasSuffix)
        }) || perhapsNames.contains(words.joined) {
            return .perhaps(from: 4)
        }
        return .none
    }
    /// - Parameter name: of a parameter. `st` is the hash of nginx's signed links, and in others the time that something starts; by
    ///   `streamid` an SRT peer is told what is wanted and who asks.
    static func strength(ofParameter name: some Collection<UInt8>) -> Strength {
        if name.lazy.map({ $0 | 0x20 }).elementsEqual("streamid".utf8) { return .secret }
        return name.elementsEqual("st".utf8) ? .perhaps(from: 8, hasLetter: true) : strength(of: name)
    }
    /// - Parameter name: of a segment in a path.
    static func strength(ofSegment name: some Collection<UInt8>) -> Strength {
        let strength = strength(of: name)
        if strength == .none { return .none }
        return strength == .secret && segments.contains(SecretWords(name).joined)
            ? .secret : .perhaps(from: 12, hasLetter: true, hasDigit: true)
    }
    static func isSecretHeader(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { name in
            name.indices.contains { start in
                partsOfHeaders.contains { part in
                    let letters = UnsafeBufferPointer(start: part.utf8Start, count: part.utf8CodeUnitCount)
                    return name[start...].begins(with: letters)
                }
            } || strength(of: name) == .secret
        }
    }
}

/// The words that a name is made of, in lower case.
private struct SecretWords {
    /// Of `api_key`, `X-Api-Key` and `apiKey`.
    private(set) var parts: [String] = []
    /// Those, and what stands between two marks as one word, with and without its digits: `ToKen`, `md5`.
    private(set) var all: [String] = []
    /// All letters and digits.
    private(set) var joined = ""

    init(_ name: some Collection<UInt8>) {
        var part = "", letters = "", run = "", wasLower = false
        func end(_ word: inout String, into words: inout [String]) {
            if !word.isEmpty { words.append(word) }
            word = ""
        }
        for character in String(decoding: name, as: UTF8.self) {
            let isLetter = character.isLetter
            if !isLetter || (character.isUppercase && wasLower) { end(&part, into: &parts) }
            if isLetter {
                part += character.lowercased()
                letters += character.lowercased()
            }
            if isLetter || character.isNumber {
                run += character.lowercased()
                joined += character.lowercased()
            } else {
                end(&letters, into: &all)
                end(&run, into: &all)
            }
            wasLower = character.isLowercase
        }
        end(&part, into: &parts)
        end(&letters, into: &all)
        end(&run, into: &all)
        all += parts
    }
}

extension Collection<UInt8> {
    /// Whether it begins with letters that are given in lower case.
    fileprivate func begins(with letters: some Collection<UInt8>) -> Bool {
        var place = startIndex
        for letter in letters {
            guard place < endIndex, self[place] | 0x20 == letter else { return false }
            formIndex(after: &place)
        }
        return true
    }
}
