import Foundation
import JSON
import KeepSupport
import Records
import Store
import Testing

/// `sightline job`, as a user of a running daemon runs it.
struct JobCommandTests {
    private let data = TemporaryFolder(), media = TemporaryFolder()

    /// A daemon with a job that is done, one that has failed and one that waits for what nobody sends.
    private func daemon() async throws -> (daemon: RunningDaemon, ids: [UUID]) {
        let first = try await RunningDaemon(data: data.url, media: media.url)
        #expect(await first.terminate() == 0)
        let ids = try await fill(first.accountID)
        return (try await RunningDaemon(data: data.url, media: media.url), ids)
    }
    /// Into a store that is let go of.
    private func fill(_ account: UUID) async throws -> [UUID] {
        let store = try Store(directory: data.url)
        var ids: [UUID] = []
        for (kind, state) in [(JobKind.blob, JobState.queued), (.anonymisation, .queued), (.blob, .waitingForUpload)] {
            var draft = JobDraft(accountID: account, kind: kind, items: [JobItemDraft(name: "a.jpg")])
            draft.state = state
            ids.append(try await store.insert(draft).id)
        }
        #expect(try await store.move(ids[0], to: .running))
        try await store.record(JobOutcome(jobID: ids[0], number: 0, .done(JSONText(1))))
        #expect(try await store.move(ids[0], to: .done))
        #expect(try await store.move(ids[1], to: .failed, error: "truncated JPEG"))
        try await store.close()
        return ids
    }
    /// Who asks.
    private func account(_ daemon: RunningDaemon) throws -> [String: String] {
        let parts = String(decoding: try #require(Data(base64Encoded: daemon.login)), as: UTF8.self).split(
            separator: ":", maxSplits: 1)
        return ["SIGHTLINE_LOGIN": String(parts[0]), "SIGHTLINE_PASSWORD": String(parts[1])]
    }

    @Test(.timeLimit(.minutes(5))) func jobsAreListedShownFollowedAndCancelled() async throws {
        let (daemon, ids) = try await daemon(), account = try account(daemon)
        func job(_ words: String..., environment: [String: String]? = nil) async throws -> Program.Outcome {
            try await Program.run(
                "sightline", ["job"] + words + ["--url", daemon.base], environment: environment ?? account)
        }
        let list = try await job("list")
        #expect(list.status == 0, "\(list.error)")
        let rows = list.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(rows.map(\.first) == ids.reversed().map(\.wire))
        #expect(
            rows.map { $0.dropFirst(2).prefix(3) } == [
                ["blob", "waiting_for_upload", "0%"], ["anonymisation", "failed", "0%"], ["blob", "done", "100%"],
            ])
        let one = try await job("list", "--states", "waiting_for_upload,running", "--limit", "1", "--json")
        #expect(try JSONValue(parsing: Array(one.output.utf8))["job_id"] == .string(ids[2].wire))

        let shown = try await job("show", ids[1].wire.filter { $0 != "-" })
        #expect(shown.status == 0 && shown.output.contains("state       failed  0%"))
        #expect(shown.output.contains("error       truncated JPEG"))

        let done = try await job("follow", ids[0].wire)
        #expect(done.status == 0 && done.output == "done  100%  1 of 1 done\n", "\(done.output)\(done.error)")
        let failed = try await job("follow", ids[1].wire)
        #expect(failed.status == 1 && failed.error == "sightline: The job has failed: truncated JPEG\n")

        // One that is not over is followed until it is.
        async let followed = job("follow", ids[2].wire)
        try await Task.sleep(for: .seconds(1))
        let cancelled = try await job("cancel", ids[2].wire)
        #expect(cancelled.status == 0 && cancelled.output.isEmpty, "\(cancelled.error)")
        let end = try await followed
        #expect(end.status == 1 && end.error == "sightline: The job is cancelled\n")
        #expect(end.output.hasSuffix("cancelled  0%  0 of 1 done\n"))
        let late = try await job("cancel", ids[2].wire)
        #expect(late.status == 1 && late.error == "sightline: The job is cancelled and cannot be cancelled\n")

        // By a token.
        let created = try await daemon.request(
            "POST", "/6/tokens", ["expiration_time": nil, "permissions": ["task": ["view"]]])
        let token = try #require(created.1["token"]?.string)
        let byToken = try await job("show", ids[0].wire, environment: ["SIGHTLINE_TOKEN": token])
        #expect(byToken.status == 0, "\(byToken.error)")
        let narrow = try await job("cancel", ids[0].wire, environment: ["SIGHTLINE_TOKEN": token])
        #expect(narrow.status == 1 && narrow.error.contains("required 'modification' permission for 'task'"))
        #expect(await daemon.terminate() == 0)
    }

    @Test(.timeLimit(.minutes(5))) func whatIsWrongIsSaidInASentence() async throws {
        let daemon = try await RunningDaemon(data: data.url, media: media.url), account = try account(daemon)
        func job(_ words: [String], _ environment: [String: String]) async throws -> Program.Outcome {
            try await Program.run("sightline", ["job"] + words, environment: environment)
        }
        let nobody = UUID()
        let unknown = try await job(["show", nobody.wire, "--url", daemon.base], account)
        #expect(
            unknown.status == 1
                && unknown.error == "sightline: There is no job \(nobody.wire), or it is none of yours\n")
        let wrong = try await job(
            ["list", "--url", daemon.base], account.merging(["SIGHTLINE_PASSWORD": "guess"]) { $1 })
        #expect(
            wrong.status == 1
                && wrong.error
                    == "sightline: The daemon at \(daemon.base) lets nobody in by this: Account login or password are "
                    + "incorrect\n",
            "\(wrong.error)")
        let unasked = try await job(["list", "--url", daemon.base], [:])
        #expect(unasked.status == 2 && unasked.error.contains("Nobody says who asks"))
        #expect(await daemon.terminate() == 0)

        // Where the settings say, and nobody is there any more.
        let port = String(daemon.base.split(separator: ":").last ?? "")
        let gone = try await job(
            ["list"], account.merging(["SIGHTLINE_PORT": port, "SIGHTLINE_HOST": "0.0.0.0"]) { $1 })
        #expect(
            gone.status == 1
                && gone.error.hasPrefix(
                    "sightline: No daemon answers at http://127.0.0.1:\(port) (The receiver cannot be"),
            "\(gone.error)")
        for words in [
            ["show", "7"], ["list", "--states", "over"], ["list", "--url", "daemon"], ["list", "--limit", "0"],
        ] {
            let outcome = try await job(words, account)
            #expect(outcome.status == 2, "\(words): \(outcome.error)")
        }
    }
}
