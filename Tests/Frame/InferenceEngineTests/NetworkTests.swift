import Foundation
import Inference
import InferenceEngine
import Scene
import Synchronization
import Testing

/// Runs the bundled models on the real engine: both come with a checkout after `scripts/setup`.
struct NetworkTests {
    private static let home = URL(fileURLWithPath: #filePath).appending(path: "../../../..").standardizedFileURL
    private static func engine(parallelism: Int) async throws -> Engine {
        try await Engine.load(folder: home.appending(path: ".deps/openvino"), parallelism: parallelism)
    }
    private static func card(_ name: String = "person-fast") throws -> ModelCard {
        try ModelCard(contentsOf: home.appending(path: "analytics/models/\(name).json"))
    }

    @Test func twoNetworksShareOneBudget() async throws {
        let parallelism = 2
        let engine = try await Self.engine(parallelism: parallelism)
        let networks = [
            try await engine.network(Self.card("person-fast")), try await engine.network(Self.card("person-accurate")),
        ]
        let inFlight = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<24 {
                group.addTask {
                    try await networks[index % 2].infer(
                        .live, draw: { _ in inFlight.enter() }, read: { _, _ in inFlight.leave() })
                }
            }
            try await group.waitForAll()
        }
        #expect(inFlight.most == parallelism + 1)
        #expect(inFlight.now == 0)
    }

    /// One thread that does everything it is given, in turn.
    private final class OneThread: TaskExecutor {
        private let jobs = Mutex<(waiting: [UnownedJob], isOver: Bool)>(([], false))
        private let arrived = DispatchSemaphore(value: 0)
        init() { Thread.detachNewThread { self.work() } }
        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            jobs.withLock { $0.waiting.append(job) }
            arrived.signal()
        }
        func stop() {
            jobs.withLock { $0.isOver = true }
            arrived.signal()
        }
        private func work() {
            while true {
                arrived.wait()
                let (job, isOver) = jobs.withLock { ($0.waiting.isEmpty ? nil : $0.waiting.removeFirst(), $0.isOver) }
                if let job { job.runSynchronously(on: asUnownedTaskExecutor()) } else if isOver { return }
            }
        }
    }

    private final class Progress: Sendable {
        let isLoaded = Atomic(false)
        let ticks = Atomic(0)
    }

    @Test func aThreadThatAwaitsAModelGoesOnWithOtherWork() async throws {
        let thread = OneThread()
        defer { thread.stop() }
        let progress = Progress()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: thread) {
                _ = try await Self.engine(parallelism: 1).network(Self.card())
                progress.isLoaded.store(true, ordering: .relaxed)
            }
            group.addTask(executorPreference: thread) {
                while !progress.isLoaded.load(ordering: .relaxed), !Task.isCancelled {
                    progress.ticks.add(1, ordering: .relaxed)
                    await Task.yield()
                }
            }
            try await group.waitForAll()
        }
        // Compiling takes tens of milliseconds at least; were the thread blocked, it would come round once or twice.
        #expect(progress.ticks.load(ordering: .relaxed) > 100)
    }
}
