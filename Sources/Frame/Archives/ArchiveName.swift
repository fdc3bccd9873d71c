/// What a name in an archive means: those of files at its root are taken, and nothing is ever made at a place that one names.
struct ArchiveName: Hashable, Sendable {
    private static let longest = 255
    /// As it is told.
    let text: String
    /// Whether nobody means it as a file of his: what systems put beside files.
    let isLeftOut: Bool
    /// Why a file of that name is not taken.
    let refusal: String?

    /// - Parameter bytes: UTF-8, or else of code page 437, as the first archives had it.
    init(_ bytes: [UInt8]) { self.init(String(validating: bytes, as: UTF8.self) ?? CodePage437.text(bytes)) }

    init(_ name: String) {
        let parts = name.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }
        // "./a" is "a".
        let meant = parts.drop { $0 == "." }
        let told = String(
            String.UnicodeScalarView(meant.joined(separator: "/").unicodeScalars.map { Self.isControl($0) ? "?" : $0 }))
        text = told.utf8.count > Self.longest ? String(told.prefix(60)) + "…" : told
        isLeftOut =
            meant.first == "__MACOSX" || meant.contains { $0.hasPrefix(".") && $0 != ".." && $0 != "." }
        let drive = meant.first.map(Array.init) ?? []
        refusal =
            if meant.count > 1, meant.first == "" || drive.count == 2 && drive[1] == ":" && drive[0].isLetter {
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

/// The letters of the first PCs, in which old archives write names.
enum CodePage437 {
    private static let upper = Array(
        "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}"
    )
    static func text(_ bytes: [UInt8]) -> String {
        String(bytes.map { $0 < 0x80 ? Character(Unicode.Scalar($0)) : upper[Int($0) - 0x80] })
    }
}
