import CZlib
import Console
import DoorSupport
import Foundation
import HTTPEdge
import HTTPTypes
import JSON
import Testing

/// The pages at `/`, as browsers get them.
struct ConsoleTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "sightline-\(UUID())")
    private static let text = String(repeating: "body { color: canvastext }\n", count: 100)

    init() throws {
        for (path, text) in [
            ("index.html", "<!doctype html><title>Sightline</title>"), ("style/base.css", Self.text),
            ("lib/api.js", "export const api = 6\n"), ("messages/en.json", "{}"), ("icon.svg", "<svg/>"),
            ("notes.md", "for readers"), (".hidden.js", "1"), (".git/a.js", "1"), ("a b.js", "1"), ("{x}.js", "1"),
        ] {
            let url = folder.appending(path: path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
    }
    private func remove() { try? FileManager.default.removeItem(at: folder) }

    /// A door such as that of the API: it has `/6/streams`, and words of its own for what it has not.
    private static var root: Door {
        let table = ResourceTable(OpenGate())
        table.add("/6/streams", .get { _ in Answer(json: "streams", status: .ok).response })
        return Door(table: table, answer: { Answer(json: ["refusal": .string("\($0)")], status: .notFound) })
    }
    private func withConsole(_ body: (RunningListener) async throws -> Void) async throws {
        defer { remove() }
        let console = try buildConsole(folder: folder, beside: Self.root)
        try await inTurn { try await withListener([Self.root, console]) { try await body($0) } }
    }

    @Test func eachFileIsAtItsPathAndTheIndexAtTheRoot() async throws {
        try await withConsole { listener in
            for (path, type, text) in [
                ("/", "text/html; charset=UTF-8", "<!doctype html><title>Sightline</title>"),
                ("/?a=1", "text/html; charset=UTF-8", "<!doctype html><title>Sightline</title>"),
                ("/console/style/base.css", "text/css; charset=UTF-8", Self.text),
                ("/console/lib/api.js", "text/javascript; charset=UTF-8", "export const api = 6\n"),
                ("/console/messages/en.json", "application/json", "{}"),
                ("/console/icon.svg", "image/svg+xml", "<svg/>"),
            ] {
                let reply = try await listener.send("GET", path)
                #expect(reply.status == 200 && reply.headers["content-type"] == type, "\(path)")
                #expect(String(decoding: reply.body, as: UTF8.self) == text, "\(path)")
            }
            #expect(try await listener.send("GET", "/6/streams").json == "streams")
        }
    }

    @Test func aLinkToTheFolderIsFollowed() throws {
        defer { remove() }
        let link = FileManager.default.temporaryDirectory.appending(path: "sightline-\(UUID())")
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: folder)
        defer { try? FileManager.default.removeItem(at: link) }
        _ = try buildConsole(folder: link, beside: Self.root)
    }

    @Test func noPageRunsOrShowsWhatComesFromElsewhere() async throws {
        try await withConsole { listener in
            for path in ["/", "/console/lib/api.js", "/console/icon.svg"] {
                let headers = try await listener.send("GET", path).headers
                #expect(
                    headers["content-security-policy"]
                        == "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
                        + "media-src 'self' blob:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; "
                        + "frame-ancestors 'none'")
                #expect(headers["x-content-type-options"] == "nosniff" && headers["referrer-policy"] == "no-referrer")
                #expect(headers["cache-control"] == "no-cache")
            }
        }
    }

    @Test func whatABrowserHasIsNotSentAgain() async throws {
        try await withConsole { listener in
            let path = "/console/style/base.css"
            let tag = try #require(try await listener.send("GET", path).headers["etag"])
            for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
                let reply = try await listener.send("GET", path, headers: ["If-None-Match": known])
                #expect(reply.status == 304 && reply.body.isEmpty && reply.headers["etag"] == tag, "\(known)")
            }
            #expect(try await listener.send("GET", path, headers: ["If-None-Match": "\"other\""]).status == 200)
            #expect(try await listener.send("GET", "/", headers: ["If-None-Match": tag]).status == 200)
        }
    }

    @Test func aFileThatChangesHasAnotherTag() async throws {
        func tag() async throws -> String? {
            let console = try buildConsole(folder: folder, beside: Self.root)
            var tag: String?
            try await inTurn {
                try await withListener([Self.root, console]) { tag = try await $0.send("GET", "/").headers["etag"] }
            }
            return tag
        }
        defer { remove() }
        let (one, two) = (try await tag(), try await tag())
        try Data("<!doctype html>".utf8).write(to: folder.appending(path: "index.html"))
        let three = try await tag()
        #expect(one != nil && one == two && three != nil && three != one)
    }

    @Test func whoTakesGzipIsSentLess() async throws {
        try await withConsole { listener in
            let path = "/console/style/base.css"
            let plain = try await listener.send("GET", path)
            #expect(plain.headers["content-encoding"] == nil && plain.headers["vary"] == "Accept-Encoding")
            for accepted in ["gzip", "gzip, deflate, br", "br;q=1, gzip;q=0.5"] {
                let reply = try await listener.send("GET", path, headers: ["Accept-Encoding": accepted])
                #expect(reply.headers["content-encoding"] == "gzip" && reply.headers["vary"] == "Accept-Encoding")
                #expect(reply.body.count * 10 < plain.body.count)
                #expect(Self.expanded(reply.body) == plain.body)
                let tag = try #require(reply.headers["etag"])
                #expect(tag != plain.headers["etag"])
                let again = try await listener.send(
                    "GET", path, headers: ["Accept-Encoding": accepted, "If-None-Match": tag])
                #expect(again.status == 304)
            }
            for refused in ["", "br", "gzip;q=0", "identity"] {
                let reply = try await listener.send("GET", path, headers: ["Accept-Encoding": refused])
                #expect(reply.headers["content-encoding"] == nil && reply.body == plain.body, "\(refused)")
            }
            // What would grow stays as it is.
            let small = try await listener.send(
                "GET", "/console/messages/en.json", headers: ["Accept-Encoding": "gzip"])
            #expect(small.headers["content-encoding"] == nil && small.body == Data("{}".utf8))
        }
    }
    private static func expanded(_ bytes: Data) -> Data? {
        var input = [UInt8](bytes), output = [UInt8](repeating: 0, count: 1 << 16)
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        guard inflateInit2_(stream, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return nil
        }
        defer { inflateEnd(stream) }
        return input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                (stream.pointee.next_in, stream.pointee.avail_in) = (input.baseAddress, UInt32(input.count))
                (stream.pointee.next_out, stream.pointee.avail_out) = (output.baseAddress, UInt32(output.count))
                guard inflate(stream, Z_FINISH) == Z_STREAM_END, stream.pointee.avail_in == 0 else { return nil }
                return Data(output.prefix(output.count - Int(stream.pointee.avail_out)))
            }
        }
    }

    @Test func headsHaveNoBody() async throws {
        try await withConsole { listener in
            let reply = try await listener.send("HEAD", "/console/style/base.css")
            #expect(reply.status == 200 && reply.body.isEmpty)
            #expect(reply.headers["content-length"] == "\(Self.text.utf8.count)")
        }
    }

    @Test(arguments: [
        "/console", "/console/", "/console/notes.md", "/console/.hidden.js", "/console/.git/a.js", "/console/a%20b.js",
        "/console/a b.js", "/console/x.js", "/console/%7Bx%7D.js", "/console/style", "/console/nothing.js",
        "/index.html", "/consoles",
        "/console/../index.html", "/console/%2e%2e/index.html", "/console/lib/../../index.html", "//index.html",
    ])
    func whatIsNoFileOfItIsAnsweredAsEverywhere(path: String) async throws {
        try await withConsole { listener in
            let reply = try await listener.send("GET", path.replacing(" ", with: "%20"))
            #expect(reply.status == 404 && reply.headers["content-type"] == "application/json")
            #expect(try reply.json == ["refusal": "pageNotFound"])
        }
    }

    @Test func itsPagesAreReadAndNothingElse() async throws {
        try await withConsole { listener in
            for path in ["/", "/console/lib/api.js"] {
                let reply = try await listener.send("POST", path)
                #expect(reply.headers["allow"] == "GET, HEAD, OPTIONS")
                #expect(try reply.json["refusal"]?.string?.hasPrefix("methodNotAllowed") == true)
            }
        }
    }

    @Test func withoutAnIndexThereIsNone() throws {
        defer { remove() }
        try FileManager.default.removeItem(at: folder.appending(path: "index.html"))
        #expect(throws: ConsoleError.noIndex) { _ = try buildConsole(folder: folder, beside: Self.root) }
        remove()
        #expect(throws: (any Error).self) { _ = try buildConsole(folder: folder, beside: Self.root) }
    }

    /// A file that is left out would be missed by the page that names it.
    @Test func everyFileOfThisCheckoutIsServed() throws {
        let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../console").standardizedFileURL
        let console = try buildConsole(folder: checkout, beside: Self.root)
        let files = try FileManager.default.subpathsOfDirectory(atPath: checkout.path).filter {
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: checkout.appending(path: $0).path, isDirectory: &isFolder)
            return !isFolder.boolValue && !$0.hasSuffix(".md")
        }
        #expect(Set(console.entries.map(\.path)) == Set(files.map { $0 == "index.html" ? "/" : "/console/\($0)" }))
    }
}
