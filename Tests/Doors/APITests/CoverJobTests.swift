import DoorSupport
import Foundation
import HTTPTypes
import JSON
import Jobs
import Logging
import ObjectStore
import Recognition
import Records
import Scene
import Store
import Testing

@testable import API

/// `POST /6/jobs`, `/6/jobs/{job_id}/result`
struct CoverJobTests {
    private static func handIn(
        _ server: TestServer, _ query: String = "", bytes: [UInt8] = [1, 2, 3], headers: [String: String]? = nil
    ) async throws -> Reply {
        try await server.sendRaw(
            "POST", "/6/jobs?kind=anonymisation&file_name=T%C3%BCr%201.jpg\(query)",
            headers: headers ?? TestServer.basic(server.user), body: Data(bytes))
    }
    /// What its runner does once it is done.
    private static func finish(_ server: TestServer, _ id: UUID, _ names: [String]) async throws {
        let items = names.map { JobItemDraft(name: $0, facts: ["output": .string($0)]) }
        #expect(try await server.store.add(items, toJob: id))
        for state in [JobState.queued, .running] { #expect(try await server.store.move(id, to: state)) }
        for (number, name) in names.enumerated() {
            let upload = server.store.upload()
            try await upload.append(Array(name.utf8))
            var draft = ObjectDraft(
                accountID: server.user.id, kind: .object, contentType: "image/jpeg", meta: ["Name": name],
                lifetime: .forever)
            draft.jobID = id
            _ = try await server.store.keep(upload, as: draft)
            try await server.store.record(
                JobOutcome(jobID: id, number: number, .done(JSONText(["output_file": .string(name)]))))
        }
    }

    @Test func aFileThatIsHandedInIsAJobOfWhoeverSendsIt() async throws {
        try await withServer { server in
            let reply = try await Self.handIn(server, "&blur_body=1&blur_threshold=0.25&mask_blur=0")
            #expect(reply.status == 201)
            let id = try #require(try reply.json["job_id"]?.string.flatMap { UUID(wire: $0) })
            #expect(
                try reply.headers["location"] == "/6/jobs/\(id.wire)"
                    && reply.json["url"]?.string == "/6/jobs/\(id.wire)")
            let job = try await server.send("GET", "/6/jobs/\(id.wire)").json
            #expect(job["kind"] == "anonymisation" && job["account_id"] == .string(server.user.id.wire))
            #expect(job["parameters"]?["file_name"] == "Tür 1.jpg")
            let wishes = CoverRequest(try #require(job["parameters"])).wishes
            #expect(wishes.faces && wishes.bodies && !wishes.isShaped && wishes.threshold == 0.25 && wishes.follows)
            let objects = try await server.store.objects(ofJob: id)
            #expect(objects.map { $0.meta["Name"] } == [CoverRequest.uploadName])
            #expect(try await server.store.bytes(0..<3, of: objects[0]) == [1, 2, 3])
        }
    }

    @Test func whatCannotBeHandedInIsToldBeforeThereIsAJob() async throws {
        try await withServer { server in
            for (path, code) in [
                ("/6/jobs", 12012), ("/6/jobs?kind=tagging&file_name=a.jpg", 12012),
                ("/6/jobs?kind=anonymisation", 12012),
                ("/6/jobs?kind=anonymisation&file_name=a.txt", 12012),
                ("/6/jobs?kind=anonymisation&file_name=..", 12012),
                ("/6/jobs?kind=anonymisation&file_name=a.jpg&blur_face=2", 12012),
                ("/6/jobs?kind=anonymisation&file_name=a.jpg&blur_threshold=1.5", 12012),
                ("/6/jobs?kind=anonymisation&file_name=a.jpg&blur_face=0", 12012),  // covers nothing
            ] {
                let reply = try await server.sendRaw(
                    "POST", path, headers: TestServer.basic(server.user), body: Data([1]))
                #expect(reply.status == 400, "\(path)")
                #expect(try reply.json["error_code"] == .integer(Int64(code)), "\(path)")
            }
            #expect(try await Self.handIn(server, bytes: []).json["error_code"] == 12030)
            #expect(try await server.send("GET", "/6/jobs").json == ["jobs": []])
        }
        let looker = PictureLooker(models: Sights(), findsFaces: false)
        try await withServer(looker: looker, analytics: TestServer.analytics) { server in
            let ofFaces = try await Self.handIn(server),
                ofPeople = try await Self.handIn(server, "&blur_face=0&blur_body=1")
            #expect(try ofFaces.json["error_code"] == 11055 && ofPeople.status == 201)
        }
    }

    /// A browser that is signed in, and not what another page makes it send.
    @Test func aSessionHandsInFromItsOwnPageAlone() async throws {
        try await withServer { server in
            let own = try await SessionTests.browser(server)
            var form = own
            form["X-Sightline-Console"] = nil
            #expect(try await Self.handIn(server, headers: form).json["error_code"] == 12010)
            let foreign = own.merging(["Origin": "http://evil.example"]) { $1 }
            #expect(try await Self.handIn(server, headers: foreign).json["error_code"] == 12010)
            #expect(try await server.send("GET", "/6/jobs").json == ["jobs": []])
            #expect(try await Self.handIn(server, headers: own).status == 201)
        }
    }

    @Test func whatItemsHaveBecomeIsReadWholeAndInParts() async throws {
        try await withServer { server in
            let id = try #require(try await Self.handIn(server).json["job_id"]?.string.flatMap { UUID(wire: $0) })
            let path = "/6/jobs/\(id.wire)/result"
            let early = try await server.send("GET", path)
            #expect(early.status == 409)
            #expect(try early.json["error_code"] == 90_023)
            try await Self.finish(server, id, ["a_anonymized.jpg", "T\u{fc}r;_anonymized.jpg"])
            let first = try await server.send("GET", path)
            #expect(first.status == 200 && first.headers["content-type"] == "image/jpeg")
            #expect(first.body == Data("a_anonymized.jpg".utf8))
            let second = try await server.send("HEAD", "\(path)?item=1")
            #expect(second.status == 200 && second.body.isEmpty)
            #expect(
                second.headers["content-disposition"] == "attachment; filename*=UTF-8''T%C3%BCr%3B%5Fanonymized%2Ejpg")
            let part = try await server.send(
                "GET", path, headers: TestServer.basic(server.user).merging(["Range": "bytes=2-4"]) { $1 })
            #expect(part.status == 206 && part.body == Data("ano".utf8))
            #expect(try await server.send("GET", "\(path)?item=2").json["error_code"] == 90_023)
            #expect(try await server.send("GET", "\(path)?item=-1").json["error_code"] == 12012)
            let stranger = TestServer.basic(server.stranger)
            #expect(try await server.send("GET", path, headers: stranger).json["error_code"] == 90_020)
        }
    }
}
