import HTTPEdge
import Testing

struct MultipartFormTests {
    private static func form(_ text: String, boundary: String = "b-1") -> MultipartForm? {
        MultipartForm(Array(text.replacing("\n", with: "\r\n").utf8), boundary: boundary)
    }
    private static func text(_ part: MultipartForm.Part) -> String { String(decoding: part.bytes, as: UTF8.self) }

    @Test func partsHaveTheirHeadersAndTheirBytes() throws {
        let form = try #require(
            Self.form(
                """
                a preamble that counts for nothing --b-1
                --b-1
                Content-Disposition: form-data; name="image"; filename="a; \\"b\\".jpg"
                content-type: image/jpeg

                one
                then --b-1 in the middle of a line, --b-1
                two
                --b-1 \t
                Content-Disposition: Form-Data; name=note


                --b-1--
                and an end
                """))
        #expect(form.parts.map(\.name) == ["image", "note"])
        #expect(form.parts[0].fileName == "a; \"b\".jpg" && form.parts[1].fileName == nil)
        #expect(form.parts[0].headers["content-type"] == "image/jpeg")
        #expect(Self.text(form.parts[0]) == "one\r\nthen --b-1 in the middle of a line, --b-1\r\ntwo")
        #expect(form.parts[1].bytes.isEmpty)
    }

    @Test func anyBytesComeAsTheyAre() throws {
        let bytes = (0..<4096).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let head = Array("--x\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n".utf8)
        let form = try #require(MultipartForm(head + bytes + Array("\r\n--x--\r\n".utf8), boundary: "x"))
        #expect(form.parts.count == 1 && Array(form.parts[0].bytes) == bytes)
    }

    @Test(
        arguments: [
            "", "--b-1", "--b-1\n", "nothing", "--b-1\nContent-Disposition: form-data; name=\"a\"\n\nno end",
            "--b-1\nContent-Type: text/plain\n\nno name\n--b-1--",
            "--b-1\nContent-Disposition: attachment; name=\"a\"\n\nx\n--b-1--",
            "--b-1\nContent-Disposition form-data\n\nx\n--b-1--", "--b-1\n\n--b-1--", "--b-1\n--b-1--",
        ])
    func whatIsNotWholeOrNamesNoFieldIsNoForm(text: String) { #expect(Self.form(text) == nil) }

    @Test func aFormOfNothingIsAForm() throws { #expect(try #require(Self.form("--b-1--")).parts.isEmpty) }

    @Test func theBoundaryStandsInTheType() {
        #expect(MultipartForm.boundary(in: "multipart/form-data; boundary=\"a b\"; charset=x") == "a b")
        #expect(MultipartForm.boundary(in: "Multipart/Form-Data;boundary=----x1") == "----x1")
        for type in [
            "multipart/form-data", "multipart/mixed; boundary=a", "image/jpeg", "multipart/form-data; boundary=",
            "multipart/form-data; boundary=\(String(repeating: "a", count: 71))",
        ] { #expect(MultipartForm.boundary(in: type) == nil) }
    }
}
