import Foundation
import Glibc
import Testing
import WorkerSupport

@testable import DecodeWorker

/// The process that starts workers. These wait for work that never comes.
struct WorkerLauncherTests {
    private static func launch(_ launcher: WorkerLauncher) throws -> (id: Int64, channel: Int32) {
        let (near, far) = try Gifts.channel()
        defer { close(far) }
        return (try launcher.launch(far), near)
    }

    /// It is stopped, so that what it is told lies there.
    @Test func whoeverKillsWaitsForNobody() throws {
        let launcher = WorkerLauncher(executable: TestWorkers.executable)
        let workers = try (0..<8).map { _ in try Self.launch(launcher) }
        defer { for worker in workers { close(worker.channel) } }
        let process = try #require(launcher.process)
        kill(process, SIGSTOP)
        // Whoever waits for it must not wait for ever.
        Thread.detachNewThread {
            sleep(20)
            kill(process, SIGCONT)
        }
        let began = ContinuousClock.now
        for _ in 0..<1000 { for worker in workers { launcher.kill(worker.id) } }
        #expect(ContinuousClock.now - began < .seconds(10))
        kill(process, SIGCONT)
        for worker in workers { #expect(launcher.waitForEnd(worker.id, patience: 0.1) == SIGKILL) }
    }

    @Test func oneThatEndedIsFollowedByAnother() throws {
        let launcher = WorkerLauncher(executable: TestWorkers.executable)
        let first = try Self.launch(launcher)
        defer { close(first.channel) }
        let process = try #require(launcher.process)
        kill(process, SIGKILL)
        #expect(launcher.waitForEnd(first.id, patience: 60) == WorkerLauncher.unknownEnd)
        let second = try Self.launch(launcher)
        defer { close(second.channel) }
        #expect(launcher.process != nil && launcher.process != process)
        launcher.kill(second.id)
        #expect(launcher.waitForEnd(second.id, patience: 0.1) == SIGKILL)
    }
}
