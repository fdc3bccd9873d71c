import Foundation
import JSON
import Records
import Testing

@testable import Tools

struct RemoteJobTests {
    private static func job(_ state: String, _ progress: JSONValue, error: JSONValue = nil) throws -> RemoteJob {
        try #require(
            RemoteJob([
                "job_id": "557d54ec-29ad-4f3c-93b4-c9092ef12515", "kind": "camera_trap", "state": .string(state),
                "error": error, "create_time": "2026-05-11T09:11:41.674000Z", "progress": progress,
                "start_time": nil, "account_id": "a",
            ]))
    }
    private static let progress: JSONValue = [
        "all": 30, "done": 12, "failed": 1, "percent": 43, "rate": 3.25, "seconds_left": 64.2,
    ]

    @Test func howFarItIsStandsInALine() throws {
        let job = try Self.job("running", Self.progress)
        #expect(job.line == "running  43%  12 of 30 done, 1 failed" && job.share == 0.43 && job.end == nil)
        #expect(job.livelyLine == "running  43%  12 of 30 done, 1 failed  3.2/s  1:05 left")
        let long = try Self.job("running", ["percent": 1, "seconds_left": 7384])
        #expect(long.livelyLine == "running  1%  2:03:04 left")
        #expect(
            job.row
                == "557d54ec-29ad-4f3c-93b4-c9092ef12515  2026-05-11T09:11:41.674000Z  camera_trap    running               "
                + "43%  12 of 30 done, 1 failed")
    }
    @Test func itsEndIsKnown() throws {
        #expect(try Self.job("done", ["percent": 100]).end == .done)
        #expect(try Self.job("failed", [:]).end == .failed && Self.job("cancelled", [:]).end == .cancelled)
        #expect(try Self.job("waiting_for_approval", [:]).end == nil)
        let failed = try Self.job("failed", ["all": 1, "failed": 1], error: "no\u{1B}[2J picture")
        #expect(
            failed.page == """
                job         557d54ec-29ad-4f3c-93b4-c9092ef12515
                kind        camera_trap
                state       failed  0%  0 of 1 done, 1 failed
                error       no [2J picture
                account     a
                created     2026-05-11T09:11:41.674000Z
                """)
    }
    @Test func whatIsNoJobIsNone() {
        #expect(RemoteJob(["jobs": []]) == nil && RemoteJob("job") == nil)
        #expect(RemoteJob(["job_id": "7", "kind": "blob", "state": "done"]) == nil)
    }
}
