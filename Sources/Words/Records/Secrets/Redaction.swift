/// The one place that makes an address, or a sentence that holds some, fit to be shown: each secret in it reads `***`.
///
/// Works on text, not on a parsed URL, so that an address no parser accepts is covered too. Where a secret cannot be told
/// from what follows it, rather too much is hidden than too little.
public enum Redaction {
    /// What stands in place of a secret.
    public static let mask = "***"

    /// What a text is, which says where a secret in it may end.
    public enum Kind: Sendable {
        /// One address or path as a whole, perhaps without its scheme; blanks in it belong to it.
        case address
        /// An address of what is logged in to by name: a user without a password is no secret.
        case connection
        /// The path of a request.
        case path
        /// Headers, one a line, or what stands among them.
        case header
        /// Words of ours with addresses among them.
        case sentence
        /// A person's words: `gate:left@noon` in them is no forgotten scheme.
        case prose

        /// Whether blanks and quotes do not end what is in it.
        var isWhole: Bool {
            switch self {
            case .address, .connection, .path, .header: true
            case .sentence, .prose: false
            }
        }
    }

    /// `text` with each secret in it replaced: `rtsp://admin:***@10.0.0.5/1?token=***`.
    public static func redacted(_ text: String, as kind: Kind = .sentence) -> String {
        let secrets = secrets(in: text, as: kind)
        return secrets.isEmpty ? text : text.replacing(secrets) { _ in mask }
    }

    /// Where the secrets of an address lie, in bytes of its UTF-8, in order.
    public static func placesOfSecrets(in address: String) -> [Range<Int>] { secrets(in: address, as: .address) }

    /// Where the secrets of `text` lie, in bytes of its UTF-8, in order. The work is linear in its length but for sorting them.
    static func secrets(in text: String, as kind: Kind) -> [Range<Int>] {
        var text = text
        return text.withUTF8 { bytes in
            guard SecretName.isSuspicious(bytes) else { return [] }
            let letters = DecodedLetters(bytes)
            return secrets(in: letters, as: kind).map(letters.source(of:))
        }
    }
    static func secrets<Text: Letters>(in letters: Text, as kind: Kind) -> [Range<Int>] {
        var found = UserInformation<Text>.secrets(in: letters, as: kind)
        found += NamedValues.secrets(in: letters, as: kind)
        found += PathSegments.secrets(in: letters, as: kind)
        if kind == .header { found += HeaderLines.secrets(in: letters) }
        return found.mergingOverlaps()
    }
}

extension String {
    /// The text with each of the ranges (bytes of its UTF-8, in order) replaced by what `value` says of its number.
    func replacing(_ ranges: [Range<Int>], _ value: (Int) -> String) -> String {
        let bytes = Array(utf8)
        var result = "", end = 0
        for (number, range) in ranges.enumerated() {
            result += String(decoding: bytes[end..<range.lowerBound], as: UTF8.self) + value(number)
            end = range.upperBound
        }
        return result + String(decoding: bytes[end...], as: UTF8.self)
    }
}

extension [Range<Int>] {
    fileprivate func mergingOverlaps() -> [Range<Int>] {
        var merged: [Range<Int>] = []
        for range in sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<Swift.max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }
}
