import Foundation
import Notifications
import Testing

@testable import Jobs

struct ContainerTests {
    @Test func aPageOfAzureIsReadToItsMarker() throws {
        let page = """
            <?xml version="1.0" encoding="utf-8"?>
            <EnumerationResults ContainerName="https://a.example/c"><Prefix>x</Prefix><Blobs>
            <Blob><Name>Säson 1/a &amp; b#1.jpg</Name><Properties><Name>no</Name></Properties></Blob>
            <Blob><Name>c.png</Name></Blob></Blobs><NextMarker>2!8</NextMarker></EnumerationResults>
            """
        let listing = try BucketListing(Array(page.utf8), .azure)
        #expect(listing.names == ["Säson 1/a & b#1.jpg", "c.png"] && listing.next == "2!8")
        let last = page.replacing("<NextMarker>2!8</NextMarker>", with: "<NextMarker />")
        #expect(try BucketListing(Array(last.utf8), .azure).next == nil)
    }
    @Test func aPageOfS3IsReadToItsToken() throws {
        let page = """
            <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name><KeyCount>2</KeyCount>
            <Contents><Key>a%20b%2Bc.jpg</Key><ETag>"9a"</ETag><Size>17</Size></Contents><Contents><Key>d+e.png</Key></Contents>
            <NextContinuationToken>token</NextContinuationToken></ListBucketResult>
            """
        let listing = try BucketListing(Array(page.utf8), .s3)
        #expect(listing.names == ["a b+c.jpg", "d e.png"] && listing.next == "token")
        #expect(
            listing.entries == [
                BucketEntry(name: "a b+c.jpg", tag: "\"9a\"", size: 17), BucketEntry(name: "d e.png", tag: "", size: 0),
            ])
    }
    @Test(
        arguments: [
            "", "<html></html>", "<EnumerationResults><Blobs>",
            #"<!DOCTYPE x [<!ENTITY a "aaaa">]><EnumerationResults><Blobs><Blob><Name>&a;</Name></Blob></Blobs></EnumerationResults>"#,
            #"<!DOCTYPE x SYSTEM "http://h/"><EnumerationResults><Blobs><Blob><Name>&a;</Name></Blob></Blobs></EnumerationResults>"#,
            "<EnumerationResults>\(String(repeating: "<a>", count: 99))\(String(repeating: "</a>", count: 99))</EnumerationResults>",
        ]
    ) func whatIsNoListingIsRefused(page: String) {
        #expect(throws: FetchFailure.self) { try BucketListing(Array(page.utf8), .azure) }
    }

    @Test func aListingThatLeadsOnWithoutAnEndIsRefused() throws {
        func page(_ next: String, names: String = "") throws -> BucketListing {
            let text =
                "<ListBucketResult>\(names)<NextContinuationToken>\(next)</NextContinuationToken></ListBucketResult>"
            return try BucketListing(Array(text.utf8), .s3)
        }
        var pages = PagesSeen()
        for number in 0..<3000 { try pages.add(page("\(number)", names: "<Contents><Key>a</Key></Contents>")) }
        #expect(throws: FetchFailure.self) { try pages.add(page("7", names: "<Contents><Key>a</Key></Contents>")) }
        #expect(throws: FetchFailure.self) { try pages.add(page(String(repeating: "a", count: 9000))) }
        var empty = PagesSeen()
        for number in 0..<1000 { try empty.add(page("\(number)")) }
        #expect(throws: FetchFailure.self) { try empty.add(page("1000")) }
    }

    /// The example of "GET Bucket (List Objects)" in the Amazon S3 API Reference, "Signature Calculations for the Authorization Header".
    @Test func requestsAreSignedAsTheReferenceHasIt() throws {
        let signature = RequestSignature(
            key: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", region: "us-east-1",
            service: "s3")
        let headers = signature.headers(
            method: "GET", host: "examplebucket.s3.amazonaws.com", path: "/", query: "max-keys=2&prefix=J",
            at: Date(timeIntervalSince1970: 1_369_353_600))
        let authorization = try #require(headers.first { $0.name == "Authorization" }?.value)
        #expect(
            authorization.hasSuffix(
                "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"))
        #expect(headers.first { $0.name == "x-amz-date" }?.value == "20130524T000000Z")
    }

    /// The example of the Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters".
    @Test func linksAreSignedAsTheReferenceHasIt() {
        let signature = RequestSignature(
            key: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", region: "us-east-1",
            service: "s3")
        let query = signature.query(
            method: "GET", host: "examplebucket.s3.amazonaws.com", path: "/test.txt", for: 86_400,
            at: Date(timeIntervalSince1970: 1_369_353_600))
        #expect(query.hasPrefix("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2F"))
        #expect(
            query.hasSuffix(
                "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"))
    }

    @Test func foldersLieBelowMediaRootsAndFilesInTheirFolder() async throws {
        let base = FileManager.default.temporaryDirectory.appending(path: "sightline-\(UUID())")
        defer { try? FileManager.default.removeItem(at: base) }
        let root = base.appending(path: "media"), folder = root.appending(path: "Säson 1/in")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in [("Säson 1/b#1.jpg", "b"), ("Säson 1/in/a.jpg", "a"), ("c.txt", "c")] {
            try Data(text.utf8).write(to: root.appending(path: name))
        }
        try Data("secret".utf8).write(to: base.appending(path: "outside.jpg"))
        try FileManager.default.createSymbolicLink(
            at: root.appending(path: "Säson 1/link.jpg"), withDestinationURL: base.appending(path: "outside.jpg"))
        let container = try FolderContainer(root.absoluteString, roots: [root])
        var names: [String] = []
        try await container.list("Säson") { names += $0 }
        #expect(names == ["Säson 1/b#1.jpg", "Säson 1/in/a.jpg"])
        #expect(try container.bytes(of: "Säson 1/b#1.jpg", limit: 1) == Array("b".utf8))
        for name in ["Säson 1/link.jpg", "../outside.jpg", "Säson 1", "none.jpg"] {
            #expect(throws: FetchFailure.self) { try container.bytes(of: name, limit: 100) }
        }
        #expect(throws: FetchFailure.self) { try container.bytes(of: "c.txt", limit: 0) }
        for address in [base.absoluteString, "file://host/media", "file:///"] {
            #expect(throws: FetchFailure.self) { try FolderContainer(address, roots: [root]) }
        }
    }
}
