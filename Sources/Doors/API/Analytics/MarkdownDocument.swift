/// Renders Markdown as HTML: the part of the language that the documentation of our analytics uses.
///
/// That is headings, paragraphs, lists of one level, tables, fenced code, and within a line code, **bold**, *italic* and
/// links to addresses with `https` or `http`. Everything else stays as it was written, and nothing reaches the page unescaped.
struct MarkdownDocument {
    private var lines: ArraySlice<Substring>

    init(_ text: String) { lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...] }

    /// The elements of the page's body.
    var html: String {
        var rest = self, html = ""
        while let block = rest.nextBlock() { html += block + "\n" }
        return html
    }

    /// A whole page around them.
    func page(title: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(title.escapedForHTML)</title>
        <style>
        body { font: 1rem/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem; }
        code, pre { font: 0.9rem/1.4 ui-monospace, monospace; }
        pre { padding: 0.75rem; overflow-x: auto; background: #8881; }
        table { border-collapse: collapse; }
        th, td { padding: 0.25rem 0.6rem; border: 1px solid #8884; text-align: left; vertical-align: top; }
        </style>
        </head>
        <body>
        \(html)</body>
        </html>

        """
    }

    // MARK: Blocks

    private mutating func nextBlock() -> String? {
        while let line = lines.first, line.isBlank { lines.removeFirst() }
        guard let line = lines.first else { return nil }
        if line.hasPrefix("```") { return code() }
        if let level = line.headingLevel {
            lines.removeFirst()
            return "<h\(level)>\(line.dropFirst(level).inlineHTML)</h\(level)>"
        }
        if line.isTableRow, lines.dropFirst().first?.isTableRule == true { return table() }
        if line.isListItem { return list() }
        return "<p>\(taking { !$0.isBlank && !$0.startsBlock }.joined(separator: "\n")[...].inlineHTML)</p>"
    }
    /// The first line and those after it for which `condition` holds.
    private mutating func taking(while condition: (Substring) -> Bool) -> [Substring] {
        let taken = [lines.removeFirst()] + lines.prefix(while: condition)
        lines = lines.dropFirst(taken.count - 1)
        return taken
    }
    /// Up to the closing fence, or the end.
    private mutating func code() -> String {
        let content = taking { !$0.hasPrefix("```") }.dropFirst()
        lines = lines.dropFirst()
        return "<pre><code>\(content.map { $0 + "\n" }.joined().escapedForHTML)</code></pre>"
    }
    private mutating func table() -> String {
        let rows = taking(while: \.isTableRow)
        func row(_ line: Substring, _ element: String) -> String {
            "<tr>" + line.tableCells.map { "<\(element)>\($0.inlineHTML)</\(element)>" }.joined() + "</tr>\n"
        }
        let body = rows.dropFirst(2).map { row($0, "td") }.joined()
        return "<table>\n<thead>\n\(row(rows[0], "th"))</thead>\n<tbody>\n\(body)</tbody>\n</table>"
    }
    /// Items may go on in lines that are indented.
    private mutating func list() -> String {
        var html = "<ul>\n"
        while lines.first?.isListItem == true {
            let item = taking { $0.hasPrefix("  ") && !$0.isBlank }
            html += "<li>\(item.joined(separator: "\n").dropFirst(2).inlineHTML)</li>\n"
        }
        return html + "</ul>"
    }
}

extension Substring {
    fileprivate var isBlank: Bool { allSatisfy(\.isWhitespace) }
    fileprivate var isListItem: Bool { hasPrefix("- ") || hasPrefix("* ") }
    fileprivate var isTableRow: Bool { hasPrefix("|") }
    /// `|---|:-:|`
    fileprivate var isTableRule: Bool { isTableRow && allSatisfy { "|-: ".contains($0) } && contains("-") }
    fileprivate var startsBlock: Bool { hasPrefix("```") || headingLevel != nil || isListItem || isTableRow }
    /// 1 to 6, for a line that begins with so many `#` and a space.
    fileprivate var headingLevel: Int? {
        let level = prefix { $0 == "#" }.count
        return (1...6).contains(level) && dropFirst(level).first == " " ? level : nil
    }
    /// A bar that belongs to a cell is written `\|`.
    fileprivate var tableCells: [Substring] {
        var cells = [""], rest = dropFirst()
        while let character = rest.popFirst() {
            if character == "\\", rest.first == "|" {
                cells[cells.count - 1].append(rest.removeFirst())
            } else if character == "|" {
                cells.append("")
            } else {
                cells[cells.count - 1].append(character)
            }
        }
        if cells.last?[...].isBlank == true { cells.removeLast() }
        return cells.map { $0[...] }
    }

    // MARK: Within a line

    fileprivate var inlineHTML: String {
        var html = "", rest = drop(while: \.isWhitespace)
        while rest.last?.isWhitespace == true { rest.removeLast() }
        while let character = rest.first {
            if let (element, end) = rest.inlineElement {
                html += element
                rest = rest[end...]
            } else {
                html += String(character).escapedForHTML
                rest.removeFirst()
            }
        }
        return html
    }
    /// The element that begins here, and where it ends.
    private var inlineElement: (html: String, end: Index)? {
        if let code = enclosed(by: "`") { return ("<code>\(code.text.escapedForHTML)</code>", code.end) }
        if let bold = enclosed(by: "**") { return ("<strong>\(bold.text.inlineHTML)</strong>", bold.end) }
        if let italic = enclosed(by: "*") { return ("<em>\(italic.text.inlineHTML)</em>", italic.end) }
        return link
    }
    /// What stands between a mark that begins here and the next one; it neither begins nor ends with a space.
    private func enclosed(by mark: String) -> (text: Substring, end: Index)? {
        guard hasPrefix(mark), case let content = dropFirst(mark.count), let close = content.firstRange(of: mark)
        else { return nil }
        let text = content[..<close.lowerBound]
        guard let first = text.first, let last = text.last, !first.isWhitespace, !last.isWhitespace else { return nil }
        return (text, close.upperBound)
    }
    private var link: (html: String, end: Index)? {
        guard hasPrefix("["), let middle = firstRange(of: "]("),
            let close = self[middle.upperBound...].firstIndex(of: ")")
        else { return nil }
        let text = self[index(after: startIndex)..<middle.lowerBound], address = self[middle.upperBound..<close]
        guard address.hasPrefix("https://") || address.hasPrefix("http://") else { return nil }
        return ("<a href=\"\(address.escapedForHTML)\">\(text.inlineHTML)</a>", index(after: close))
    }
}

extension StringProtocol {
    var escapedForHTML: String {
        var escaped = ""
        for character in self {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
