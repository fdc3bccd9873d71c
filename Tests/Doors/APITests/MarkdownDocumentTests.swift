import Analytics
import Foundation
import Testing

@testable import API

struct MarkdownDocumentTests {
    @Test(arguments: [
        ("# One\n\n### Three #", "<h1>One</h1>\n<h3>Three #</h3>\n"),
        ("#none\n####### none", "<p>#none\n####### none</p>\n"),
        ("one\ntwo\n\nthree", "<p>one\ntwo</p>\n<p>three</p>\n"),
        ("text\n# head\ntext", "<p>text</p>\n<h1>head</h1>\n<p>text</p>\n"),
        (
            "- one\n  more\n- *two*\n\n- new",
            "<ul>\n<li>one\n  more</li>\n<li><em>two</em></li>\n</ul>\n<ul>\n<li>new</li>\n</ul>\n"
        ),
        (
            "```json\n{ \"a\": \"<b>\" }\n\n# no\n```\ntext",
            "<pre><code>{ &quot;a&quot;: &quot;&lt;b&gt;&quot; }\n\n# no\n</code></pre>\n<p>text</p>\n"
        ),
        ("```\nopen", "<pre><code>open\n</code></pre>\n"),
        (
            "| a | b |\n|---|:-:|\n| `x \\| y` | |\n| 1 | **2** |\ntext",
            "<table>\n<thead>\n<tr><th>a</th><th>b</th></tr>\n</thead>\n<tbody>\n<tr><td><code>x | y</code></td><td></td></tr>\n<tr><td>1</td><td><strong>2</strong></td></tr>\n</tbody>\n</table>\n<p>text</p>\n"
        ),
        ("| no table |", "<p>| no table |</p>\n"),
        ("", ""), ("\n \n", ""),
    ])
    func aBlockBecomesItsElement(text: String, html: String) {
        #expect(MarkdownDocument(text).html == html)
    }

    @Test(arguments: [
        ("`a*b*` *c* **d `e`**", "<code>a*b*</code> <em>c</em> <strong>d <code>e</code></strong>"),
        ("2 * 3 * 4, **open, `open, a_b_c", "2 * 3 * 4, **open, `open, a_b_c"),
        (
            "[text *x*](https://example.org/?a=1&b=2)",
            "<a href=\"https://example.org/?a=1&amp;b=2\">text <em>x</em></a>"
        ),
        ("[text](javascript:alert) [x] (y)", "[text](javascript:alert) [x] (y)"),
        ("<script>&\"", "&lt;script&gt;&amp;&quot;"), ("`<b>`", "<code>&lt;b&gt;</code>"),
        ("[x](https://a\"onclick=\"b)", "<a href=\"https://a&quot;onclick=&quot;b\">x</a>"),
    ])
    func aLineBecomesItsElements(text: String, html: String) {
        #expect(MarkdownDocument(text).html == "<p>\(html)</p>\n")
    }

    @Test(arguments: AnalyticCatalogue.ownNames)
    func theDocumentationOfEachAnalyticIsRenderedWithoutRest(name: String) throws {
        let home = URL(fileURLWithPath: #filePath).appending(path: "../../../..").standardizedFileURL
        let text = try String(contentsOf: home.appending(path: "analytics/\(name)/README.md"), encoding: .utf8)
        let page = MarkdownDocument(text).page(title: "a & b")
        #expect(page.contains("<title>a &amp; b</title>") && page.contains("<h1>\(name)</h1>"))
        let prose = page.replacing(/<pre>(?s:.*?)<\/pre>|<style>(?s:.*?)<\/style>|<code>.*?<\/code>/, with: "")
        for mark in ["**", "`", "\n#", "\n|", "\n- "] { #expect(!prose.contains(mark), "'\(mark)' is left") }
        for element in ["ul", "li", "table", "tr", "td", "th", "p", "pre", "code", "strong", "em", "h2"] {
            #expect(page.ranges(of: "<\(element)>").count == page.ranges(of: "</\(element)>").count)
        }
        #expect(page.contains("<table>") && page.contains("<ul>") && page.contains("<strong>"))
    }
}
