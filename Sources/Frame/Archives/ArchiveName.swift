/// What a name in an archive means: those of files at its root are taken, and nothing is ever made at a place that one names.
struct ArchiveName: Hashable, Sendable {
    private static let longest = 255
    /// Bytes that are told of a name that is longer.
    private static let shortened = 60
    /// As it is told.
    let text: String
    /// Whether nobody means it as a file of his: what systems put beside files.
    let isLeftOut: Bool
    /// Why a file of that name is not taken.
    let refusal: String?

    /// - Parameter bytes: UTF-8, or else of code page 437, as the first archives had it.
    init(_ bytes: [UInt8]) { self.init(String(validating: bytes, as: UTF8.self) ?? CodePage437.text(bytes)) }

    init(_ name: String) {
        // By scalars: "/" and a mark that combines with it are one character, and no separator among characters.
        let parts = name.unicodeScalars.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }
            .map { String($0) }
        // "./a" is "a".
        let meant = parts.drop { $0 == "." }
        let told = String(
            String.UnicodeScalarView(meant.joined(separator: "/").unicodeScalars.map { Self.isControl($0) ? "?" : $0 }))
        text = told.utf8.count > Self.longest ? told.beginning(bytes: Self.shortened) + "…" : told
        isLeftOut =
            meant.first == "__MACOSX"
            || meant.contains { $0.unicodeScalars.first == "." && $0 != ".." && $0 != "." }
        let start = meant.first.map { Array($0.unicodeScalars) } ?? []
        let isDrive = start.count == 2 && start[1] == ":" && start[0].properties.isAlphabetic
        refusal =
            if meant.count > 1, start.isEmpty || isDrive {
                "Absolute names are not supported"
            } else if meant.contains("..") {
                "Names with .. are not supported"
            } else if meant.count > 1 {
                "Files must be on the root level of the archive"
            } else if told.isEmpty {
                "The file has no name"
            } else if told.utf8.count > Self.longest {
                "The name has more than \(Self.longest) bytes"
            } else if name.unicodeScalars.contains(where: Self.isControl) {
                "Names with control characters are not supported"
            } else {
                nil
            }
    }
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
    }
}

extension String {
    /// So many bytes of UTF-8 at most, and whole scalars: one character may be of any length.
    func beginning(bytes limit: Int) -> String {
        var left = limit
        let start: Substring.UnicodeScalarView = unicodeScalars.prefix { scalar in
            left -= UTF8.width(scalar)
            return left >= 0
        }
        return String(start)
    }
}

/// The letters of the first PCs, in which old archives write names.
enum CodePage437 {
    private static let upper = Array(
        "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}"
    )
    static func text(_ bytes: [UInt8]) -> String {
        String(bytes.map { $0 < 0x80 ? Character(Unicode.Scalar($0)) : upper[Int($0) - 0x80] })
    }
}
