import Foundation
import Glibc
import JSON
import ProcessSupport
import Testing

/// The processes in which a running daemon decodes.
struct DecoderProcessTests {
    /// A process, told from a later one with its number by when it began.
    private struct Running: Hashable {
        var id, parent: pid_t
        var beginning: Substring
    }
    /// All that have not ended.
    private static func processes() -> [Running] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { name in
            guard let id = pid_t(name), let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
                let end = text.lastIndex(of: ")")
            else { return nil }
            let fields = text[text.index(after: end)...].split(separator: " ")
            guard fields.count > 19, fields[0] != "Z", let parent = pid_t(fields[1]) else { return nil }
            return Running(id: id, parent: parent, beginning: fields[19])
        }
    }
    /// The launcher and the workers of a daemon, once somebody else than `known` is among the workers.
    private static func family(
        of daemon: RunningDaemon, besides known: Set<Running> = []
    ) async throws -> (launcher: Running, workers: Set<Running>) {
        while true {
            let all = processes()
            if let launcher = all.first(where: { $0.parent == daemon.process.id }) {
                let workers = Set(all.filter { $0.parent == launcher.id })
                if !workers.subtracting(known).isEmpty { return (launcher, workers) }
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
    private static func register(
        _ clip: URL, at daemon: RunningDaemon, autorestart: JSONValue = [:]
    ) async throws -> String {
        let body: JSONValue = [
            "data": ["type": "stream", "reference": .string(clip.lastPathComponent)], "autorestart": autorestart,
            "analytics": [["analytic_name": "people_count"]],
        ]
        return try #require(try await daemon.request("POST", "/6/streams", body).1["stream_id"]?.string)
    }

    @Test(.timeLimit(.minutes(30))) func aKilledDaemonTakesItsDecodersAlong() async throws {
        let clip = try await Footage.shared.longClip()
        let data = TemporaryFolder()
        let daemon = try await RunningDaemon(data: data.url, media: clip.deletingLastPathComponent())
        let stream = try await Self.register(clip, at: daemon)
        #expect(try await daemon.wait(for: stream, [1, 2, 4]) == 1)
        let (launcher, workers) = try await Self.family(of: daemon)
        await daemon.kill()
        while !workers.union([launcher]).isDisjoint(with: Self.processes()) {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Killed from outside, as the system does when memory runs out.
    @Test(.timeLimit(.minutes(30))) func aStreamWhoseDecoderDiedThreeTimesStaysGivenUpAfterAStart() async throws {
        let clip = try await Footage.shared.longClip()
        let data = TemporaryFolder()
        var daemon = try await RunningDaemon(data: data.url, media: clip.deletingLastPathComponent())
        let dying = try await Self.register(
            clip, at: daemon, autorestart: ["restart": 1, "attempt_count": 100, "delay": 1])
        var victims = try await Self.family(of: daemon).workers
        let living = try await Self.register(clip, at: daemon)
        let bystanders = try await Self.family(of: daemon, besides: victims).workers.subtracting(victims)
        for death in 1... {
            for victim in victims { kill(victim.id, SIGKILL) }
            if death == 3 { break }
            let known = victims.union(bystanders)
            victims = try await Self.family(of: daemon, besides: known).workers.subtracting(known)
        }
        #expect(try await daemon.wait(for: dying, [2, 4]) == 4)
        let reason = try await daemon.request("GET", "/6/streams/\(dying)").1["last_error"]?.string
        #expect(reason?.contains("killed (SIGKILL)") == true && reason?.contains("3 times") == true, "\(reason ?? "")")
        #expect(try await daemon.wait(for: living, [1, 2, 4]) == 1)
        #expect(bystanders.isSubset(of: Self.processes()), "the other's decoder is the same one")

        await daemon.kill()
        daemon = try await RunningDaemon(data: data.url, media: clip.deletingLastPathComponent())
        // Whoever is taken up at a start was so by the time that the other's analysis goes on.
        var logs: JSONValue = .null
        repeat {
            logs = try await daemon.request("GET", "/6/streams/logs?stream_ids=\(living)").1
        } while (logs["logs"]?.array?.count ?? 0) < 5
        let after = try await daemon.request("GET", "/6/streams/\(dying)").1
        #expect(after["status"] == 4 && after["last_error"]?.string == reason)
        let end = await daemon.terminate()
        let log = try String(contentsOf: daemon.log, encoding: .utf8)
        #expect(end == 0, "\(log.suffix(2000))")
    }
}
