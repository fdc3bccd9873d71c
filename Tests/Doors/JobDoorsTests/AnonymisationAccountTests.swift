import DoorSupport
import Foundation
import JSON
import Jobs
import KeepSupport
import Records
import Store
import Testing

@testable import JobDoors

/// What jobs of anonymisation cost, and who is told of them.
struct AnonymisationAccountTests {
    private static let receiver = "http://receiver.example/told"

    /// What is due of a job, in its order.
    private func told(_ id: String, _ server: CoverServer) async throws -> [JSONValue] {
        var bodies: [JSONValue] = []
        for lane in try await server.store.store.dueLanes(at: .distantFuture) {
            while let letter = try await server.store.store.nextLetter(of: lane.id) {
                guard letter.jobID == UUID(uuidString: id) else { break }
                bodies.append(letter.body.value)
                try await server.store.store.settle(letter, .delivered)
            }
        }
        return bodies
    }
    private func uploaded(_ server: CoverServer, _ name: String = "a.bmp") async throws -> String {
        let image = bitmap()
        let (id, link) = try await server.begin([
            "file_name": .string(name), "file_size": .integer(Int64(image.count)),
        ])
        try await server.upload(image, to: link)
        return id
    }
    /// Waits until it can be approved.
    private func isListed(_ id: String, _ server: CoverServer) async throws {
        while try await server.store.store.job(id: UUID(uuidString: id)!)?.state != .waitingForApproval {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test(.timeLimit(.minutes(30))) func thatAnApprovalIsWaitedForIsToldAndTheEnd() async throws {
        try await withCoverServer { server in
            let all = try await server.send("POST", "notify_on_job_status", ["callback_url": .string(Self.receiver)])
            #expect(all.status == 200)
            #expect(
                try all.json == [
                    "message": "The callback is told", "job_id": nil, "callback_url": .string(Self.receiver),
                ])
            let id = try await uploaded(server)
            #expect(try await server.approve(id) == 200)
            let report = try await server.end(of: id)
            let bodies = try await told(id, server)
            #expect(bodies.map { $0["job_status"] } == [0, 100])
            #expect(bodies.first?["job_status_description"] == "Waiting for approval")
            #expect(bodies.first?["job_total_credit_cost"] == 1 && bodies.first?["tasks"]?.array?.count == 1)
            // The end is what is answered to those who ask, with links of its own that are as good.
            #expect(bodies.last?["job_id"] == .string(id) && report["job_status"] == bodies.last?["job_status"])
            let link = try #require(bodies.last?["tasks"]?.array?.first?["download_link"]?.string)
            #expect(link.hasPrefix("http://told.example/storage/anonymisation/"))
            let download = try await server.listener.send("GET", CoverServer.path(link))
            #expect(download.status == 200 && download.headers["content-type"] == "image/bmp")

            // Of one job alone; what came about before is told at once, and once.
            let second = try await uploaded(server, "b.bmp")
            try await isListed(second, server)
            let query = "notify_on_job_status?job_id=\(second)&callback_url=http%3A%2F%2Fother.example%2F"
            #expect(try await server.send("POST", query).status == 200)
            #expect(try await server.send("POST", query).status == 200)
            #expect(try await told(second, server).count == 2)
            #expect(
                try await server.send("DELETE", "notify_on_job_status?callback_url=\(Self.receiver)").status == 200)
            #expect(
                try await server.send("DELETE", "notify_on_job_status?callback_url=\(Self.receiver)").status == 404)
            #expect(try await server.send("POST", "cancel_job/\(second)").status == 200)
            let ends = try await told(second, server)
            #expect(ends.map { $0["job_status_description"] } == ["Job cancelled"])
        }
    }

    @Test(.timeLimit(.minutes(30))) func whomNobodyMayCallIsRefused() async throws {
        try await withCoverServer(isWorking: false) { server in
            func status(_ body: JSONValue?, key: String = CoverServer.key) async throws -> Int {
                try await server.send("POST", "notify_on_job_status", body, key: key).status
            }
            let url = JSONValue.string(Self.receiver)
            #expect(try await status(["callback_url": url], key: CoverServer.otherKey) == 401)
            for body: JSONValue? in [nil, [], [:], ["callback_url": 7], ["callback_url": url, "job_id": 7]] {
                #expect(try await status(body) == 422, "\(String(describing: body))")
            }
            for text in ["", "ftp://a.example/", "http:///x", "http://169.254.169.254/latest", "http://[::1]:80/"] {
                #expect(try await status(["callback_url": .string(text)]) == 400, "\(text)")
            }
            #expect(try await status(["callback_url": url, "job_id": .string(UUID().wire)]) == 404)
            #expect(try await status(["callback_url": url, "job_id": "x"]) == 404)
            let id = try await server.begin().id
            #expect(try await status(["callback_url": url, "job_id": .string(id)]) == 200)
        }
    }

    @Test(.timeLimit(.minutes(30))) func whatIsLeftDecidesOverAnApproval() async throws {
        try await withCoverServer { server in
            func allow(_ credits: JSONValue) throws {
                let holder: JSONValue = ["login": .string(server.store.account.login), "credits": credits]
                try Data(JSONValue.object([CoverServer.key: holder]).text.utf8).write(to: server.keys)
            }
            #expect(try await server.send("GET", "credits").json == ["credits": nil, "used": 0, "left": nil])
            try allow(1)
            let first = try await uploaded(server), second = try await uploaded(server)
            #expect(try await server.approve(first) == 200)
            #expect(try await server.approve(first) == 202)
            _ = try await server.end(of: first)
            try await isListed(second, server)
            let refused = try await server.send("POST", "approve_job/\(second)")
            #expect(refused.status == 402)
            #expect(try refused.json == ["detail": "Not enough credits: the job costs 1, and 0 are left"])
            #expect(try await server.send("GET", "credits").json == ["credits": 1, "used": 1, "left": 0])
            let direct = try await server.send(
                "PUT", "direct_upload/a.bmp?model=blur", headers: ["Content-Length": "0"])
            #expect(direct.status == 402)
            #expect(try direct.json == ["detail": "Not enough credits: all 1 are used"])
            try allow(20)
            #expect(try await server.approve(second) == 200)
            _ = try await server.end(of: second)
            // What fails costs nothing.
            let broken = try await server.begin(["file_size": 2000])
            try await server.upload(Array(bitmap().prefix(2000)), to: broken.link)
            #expect(try await server.approve(broken.id) == 200)
            #expect(try await server.end(of: broken.id)["job_status"] == 200)
            #expect(try await server.send("GET", "credits").json == ["credits": 20, "used": 2, "left": 18])
            // A key of which cannot be read what it may have is none.
            try allow("many")
            #expect(try await server.send("GET", "credits").status == 401)
        }
    }

    @Test(.timeLimit(.minutes(30))) func aDirectUploadThatCostsTooMuchFails() async throws {
        try await withCoverServer { server in
            var request = CoverRequest(
                fileName: "a.bmp", fileSize: nil, wishes: .init(), configuration: [:], needsNoApproval: true)
            request.creditLimit = 0
            #expect(CoverRequest(request.parameters) == request)
            var draft = JobDraft(
                accountID: server.store.account.id, kind: .anonymisation, parameters: request.parameters)
            (draft.state, draft.keeping) = (.waitingForUpload, CoverRequest.keeping)
            let job = try await server.store.store.insert(draft)
            let path = StorageDoor.path(AnonymisationDoor.container, job.id.bare, CoverRequest.uploadName)
            let link = try await StorageLink(path, .write, until: Date.now.addingTimeInterval(600))
                .signed(by: server.store.identity, for: job.accountID)
            #expect(try await server.put(link, bitmap(), headers: ["x-ms-blob-type": "BlockBlob"]).status == 201)
            let report = try await server.end(of: job.id.wire)
            #expect(report["job_status_description"] == "Not enough credits: the job costs 1, and 0 are left")
            #expect(try await server.store.store.objects(ofJob: job.id).isEmpty)
            #expect(try await server.send("GET", "credits").json["used"] == 0)
        }
    }
}
