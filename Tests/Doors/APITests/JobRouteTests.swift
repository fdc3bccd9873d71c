import DoorSupport
import Foundation
import JSON
import Jobs
import Logging
import Records
import Store
import Testing

@testable import API

/// `/6/jobs…`
struct JobRouteTests {
    @discardableResult
    private static func insert(
        _ server: TestServer, kind: JobKind = .cameraTrap, items: Int = 3
    ) async throws -> Job {
        try await server.store.insert(
            JobDraft(
                accountID: server.user.id, kind: kind,
                parameters: ["url": "http://bob:canary-1@a.example/?sig=canary-2"],
                items: (0..<items).map { JobItemDraft(name: "http://bob:canary-3@a.example/\($0).jpg") }))
    }

    @Test func jobsAreListedWithoutSecretsTheNewestFirst() async throws {
        try await withServer { server in
            let first = try await Self.insert(server), second = try await Self.insert(server, kind: .anonymisation)
            let reply = try await server.send("GET", "/6/jobs")
            let jobs = try #require(try reply.json["jobs"]?.array)
            #expect(jobs.compactMap { $0["job_id"]?.string } == [second.id.wire, first.id.wire])
            #expect(!String(decoding: reply.body, as: UTF8.self).contains("canary"))
            #expect(jobs[0]["kind"] == "anonymisation" && jobs[0]["state"] == "queued" && jobs[0]["attended"] == false)
            #expect(
                jobs[0]["progress"] == [
                    "all": 3, "done": 0, "failed": 0, "percent": 0, "rate": nil, "seconds_left": nil,
                ])
            for query in ["kinds=camera_trap", "job_ids=\(first.id.wire)", "page=2&page_size=1"] {
                let found = try await server.send("GET", "/6/jobs?\(query)").json["jobs"]?.array
                #expect(found?.compactMap { $0["job_id"]?.string } == [first.id.wire])
            }
            #expect(try await server.send("GET", "/6/jobs?states=running,done").json == ["jobs": []])
            #expect(try await server.send("GET", "/6/jobs?kinds=other").status == 400)
            let one = try await server.send("GET", "/6/jobs/\(first.id.wire)").json
            #expect(one == jobs[1])
        }
    }

    @Test func itemsAreToldWithWhatBecameOfThem() async throws {
        try await withServer { server in
            let job = try await Self.insert(server)
            #expect(try await server.store.move(job.id, to: .running))
            try await server.store.record(JobOutcome(jobID: job.id, number: 0, .done(JSONText(["faces": 2]))))
            try await server.store.record(JobOutcome(jobID: job.id, number: 1, .failed(reason: "truncated JPEG")))
            let path = "/6/jobs/\(job.id.wire)/items"
            let reply = try await server.send("GET", path)
            let items = try #require(try reply.json["items"]?.array)
            #expect(!String(decoding: reply.body, as: UTF8.self).contains("canary"))
            #expect(items.map { $0["state"]?.string } == ["done", "failed", "pending"])
            #expect(items[0]["result"] == ["faces": 2] && items[1]["error"] == "truncated JPEG")
            let failed = try await server.send("GET", "\(path)?state=failed").json["items"]?.array
            #expect(failed?.map { $0["number"] } == [1])
            let page = try await server.send("GET", "\(path)?after=0&page_size=1").json["items"]?.array
            #expect(page?.map { $0["number"] } == [1])
            for query in ["after=-2", "state=over", "page_size=0", "page_size=1001"] {
                #expect(try await server.send("GET", "\(path)?\(query)").status == 400)
            }
            let progress = try await server.send("GET", "/6/jobs/\(job.id.wire)").json["progress"]
            #expect(progress?["done"] == 1 && progress?["failed"] == 1 && progress?["percent"] == 66)
        }
    }

    @Test func aJobIsCancelledOnceAndRemoved() async throws {
        try await withServer { server in
            let path = "/6/jobs/\(try await Self.insert(server).id.wire)"
            #expect(try await server.send("PATCH", path).status == 400)
            #expect(try await server.send("PATCH", "\(path)?action=stop").status == 400)
            let stranger = TestServer.basic(server.stranger)
            #expect(try await server.send("PATCH", "\(path)?action=cancel", headers: stranger).status == 404)
            #expect(try await server.send("PATCH", "\(path)?action=cancel").status == 204)
            let again = try await server.send("PATCH", "\(path)?action=cancel")
            #expect(again.status == 409)
            #expect(try again.json["error_code"] == 90_021)
            #expect(try again.json["detail"] == "The job is cancelled and cannot be cancelled")
            #expect(try await server.send("GET", path).json["state"] == "cancelled")
            #expect(try await server.send("DELETE", path, headers: stranger).status == 404)
            #expect(try await server.send("DELETE", path).status == 204)
            let gone = try await server.send("GET", path)
            #expect(gone.status == 404)
            #expect(try gone.json["error_code"] == 90_020)
        }
    }

    @Test func reportsOfAJobTellHowTheyFareAndGoWithIt() async throws {
        try await withServer { server in
            let job = try await Self.insert(server), path = "/6/jobs/\(job.id.wire)"
            let reports = try ["a.example", "b.example"].map {
                JobReport(
                    to: try Callback(jobURL: JSONReader(.string("http://bob:canary-4@\($0)/?sig=canary-5"))),
                    JSONText(["secret": "canary-6"]))
            }
            #expect(try await server.store.report(reports, ofJob: job.id))
            let lane = try #require(try await server.store.dueLanes(at: .distantFuture).first)
            try await server.store.settle(try #require(try await server.store.nextLetter(of: lane.id)), .delivered)
            let reply = try await server.send("GET", "\(path)/deliveries")
            #expect(!String(decoding: reply.body, as: UTF8.self).contains("canary"))
            #expect(try reply.json["delivered"] == 1 && reply.json["last_delivery_time"]?.string != nil)
            let due = try #require(try reply.json["deliveries"]?.array?.first)
            #expect(due["job_id"] == .string(job.id.wire) && due["sequence"] == 1 && due["state"] == "due")
            #expect(due["event_id"] == nil as JSONValue && due["stream_id"] == nil as JSONValue)
            let listed = try await server.send("GET", "/6/deliveries?job_ids=\(job.id.wire)").json["deliveries"]?.array
            #expect(listed == [due])
            #expect(try await server.send("GET", "/6/deliveries?job_ids=\(UUID().wire)").json == ["deliveries": []])
            let id = try #require(due["delivery_id"]?.string)
            #expect(try await server.send("POST", "/6/deliveries/\(id)/redeliver").status == 204)

            #expect(try await server.send("DELETE", path).status == 204)
            #expect(try await server.send("GET", "/6/deliveries/\(id)").status == 404)
            #expect(try await server.send("GET", "\(path)/deliveries").json["error_code"] == 90_020)
        }
    }

    @Test func whoeverWatchesIsToldEachChangeAndTheEnd() async throws {
        try await withServer { server in
            let job = try await Self.insert(server)
            try await RawWebSocket.open(
                port: server.port, "/6/jobs/\(job.id.wire)/ws", headers: TestServer.basic(server.user)
            ) { socket in
                #expect(socket.reply.status == 101)
                let first = try await socket.nextMessage()
                #expect(first?["state"] == "queued")
                #expect(try await server.store.move(job.id, to: .running))
                let second = try await socket.nextMessage()
                #expect(second?["state"] == "running")
                try await server.store.record(JobOutcome(jobID: job.id, number: 0, .done(JSONText(1))))
                let third = try await socket.nextMessage()
                #expect(third?["progress"]?["done"] == 1)
                #expect(try await server.store.move(job.id, to: .done))
                let last = try await socket.nextMessage()
                #expect(last?["state"] == "done" && last?["progress"]?["percent"] == 100)
                let end = try await socket.next()
                #expect(end == .close(1000))
            }
            try await RawWebSocket.open(
                port: server.port, "/6/jobs/\(UUID().wire)/ws", headers: TestServer.basic(server.user)
            ) { #expect($0.reply.status == 404) }
        }
    }

    @Test func whatThereIsToBeDoneIsCounted() async throws {
        try await withServer(counting: { store, _ in
            let engine = JobEngine(store: store, configuration: JobConfiguration(), logger: Logger(label: "test"))
            return [JobMetrics(store: store, engine: engine)]
        }) { server in
            let job = try await Self.insert(server)
            try await Self.insert(server)
            #expect(try await server.store.move(job.id, to: .running))
            let page = String(decoding: try await server.send("GET", "/metrics").body, as: UTF8.self)
            #expect(page.contains("\nsightline_jobs_waiting 1.0\n") && page.contains("\nsightline_jobs_running 1.0\n"))
            #expect(page.contains("\nsightline_job_items_running 0.0\n"))
            #expect(page.contains("\nsightline_job_items_limit \(JobConfiguration().places).0\n"))
        }
    }
}
