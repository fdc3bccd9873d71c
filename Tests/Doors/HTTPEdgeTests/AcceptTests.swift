import HTTPEdge
import Testing

struct AcceptTests {
    @Test(
        arguments: [
            (nil, "text/plain"), ("*/*", "application/json"), ("text/html", "text/html"),
            ("TEXT/HTML", "text/html"),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
            ("text/*", "text/html"), ("application/json, text/html", "application/json"),
            ("application/json;q=0.1, text/html;q=0.2", "text/html"), ("text/html;q=0, */*", "application/json"),
            ("text/html ; level=1 ; q=0.5 , application/json;q=0.4", "text/html"),
            ("image/png", nil), ("text/html;q=0", nil), ("nonsense", nil), ("", nil), ("text/html;q=x", nil),
        ] as [(String?, String?)])
    func theBestLikedOfferIsChosen(header: String?, expected: String?) {
        #expect(Accept(header).preferred(of: ["application/json", "text/html"], orElse: "text/plain") == expected)
    }
}
