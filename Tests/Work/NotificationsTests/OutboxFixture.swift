import Foundation
import JSON
import KeepSupport
import LogSupport
import Records
import Scene
import Synchronization

@testable import Notifications
@testable import Store

/// A store with streams whose events are due to callbacks, a time that the test holds, and receivers that do what it says.
struct OutboxFixture {
    let fixture: TemporaryStore
    let time = HeldTime()
    let receivers: ScriptedReceivers
    let log = LogCollector()
    var store: Store { fixture.store }

    init(_ backend: Backend = .sqlite, _ answer: @escaping ScriptedReceivers.Script = { _, _ in .status(200) })
        async throws
    {
        fixture = try await TemporaryStore(backend)
        receivers = ScriptedReceivers(answer)
    }

    /// Runs a courier while `body` runs.
    func deliver(
        _ configuration: CallbackConfiguration = CallbackConfiguration(),
        policy: RetryPolicy = RetryPolicy(chance: { 0 }),
        _ body: (Courier) async throws -> Void
    ) async throws {
        let courier = Courier(
            store: store, postman: receivers, configuration: configuration, policy: policy, time: time.timepiece,
            logger: log.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await courier.run() }
            try await body(courier)
            receivers.letGo()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    static func callback(_ host: String = "a.example", _ more: [String: JSONValue] = [:]) throws -> Callback {
        try Callback(
            JSONReader(.object(["type": "http", "url": .string("http://\(host)/")].merging(more) { $1 })))
    }

    /// Reports `count` events of a stream to callbacks.
    /// - Parameter moment: now, unless told.
    /// - Returns: their ids, in order.
    @discardableResult
    func report(
        _ count: Int = 1, of stream: RegisteredStream, to callbacks: [Callback], at moment: Date? = nil
    ) async throws -> [UUID] {
        var ids: [UUID] = []
        let moment = moment ?? time.now
        for _ in 0..<count {
            let frame = FrameTime(index: 0, pts: MediaTime(seconds: 0), wallClock: moment)
            let event = Event(trackID: UUID(), type: "crowd", begin: frame, end: frame, facts: People())
            func update(_ change: EventUpdate.Change) -> EventUpdate {
                EventUpdate(
                    event: event, change: change, status: .started, isReported: true, time: frame, live: People())
            }
            try await store.record(
                [update(.opened), update(.closed)],
                deliveries: callbacks.map { Delivery(eventID: event.id, callback: $0) }, of: stream.definition,
                at: moment)
            ids.append(event.id)
        }
        return ids
    }
    /// Hands in a job.
    func job() async throws -> UUID {
        try await store.insert(JobDraft(accountID: fixture.account.id, kind: .blob), at: time.now).id
    }
    /// Puts reports of a job into the outbox, numbered on from `first`.
    func report(_ numbers: ClosedRange<Int>, ofJob id: UUID, to hosts: [String]) async throws {
        for number in numbers {
            let reports = try hosts.map {
                JobReport(
                    to: try Callback(jobURL: JSONReader(.string("http://\($0)/"))),
                    JSONText(["number": .integer(Int64(number))]))
            }
            try await store.report(reports, ofJob: id, at: time.now)
        }
    }

    private struct People: Facts { let members: [String: JSONValue] = ["people_count": 2] }
}

/// Receivers that answer as a test says, and remember what they were sent.
final class ScriptedReceivers: Postman {
    /// - Returns: `nil` to let the sender hang until `letGo`.
    typealias Script = @Sendable (_ letter: Letter, _ before: Int) -> Answer?
    struct Arrival: Hashable {
        let receiver: String
        /// As its receiver knows it.
        let event: UUID
        /// The stream or job.
        let source: UUID
        let body: JSONText
    }
    private struct State {
        var arrivals: [Arrival] = []
        var tries: [String: Int] = [:]
        var hanging: [CheckedContinuation<Void, Never>] = []
        var isOver = false
        var current = 0, most = 0
    }
    private let script: Mutex<Script>
    private let state = Mutex(State())
    init(_ script: @escaping Script) { self.script = Mutex(script) }

    func answer(_ script: @escaping Script) { self.script.withLock { $0 = script } }
    /// Whatever arrived, in order; all tries.
    var arrivals: [Arrival] { state.withLock { $0.arrivals } }
    func numbers(at receiver: String, ofJob job: UUID) -> [Int64] {
        arrivals.filter { $0.receiver == receiver && $0.source == job }.compactMap { $0.body.value["number"]?.integer }
    }
    func events(at receiver: String) -> [UUID] { arrivals.filter { $0.receiver == receiver }.map(\.event) }
    /// How many hang now, and how many calls there were at most at once.
    var hanging: Int { state.withLock { $0.hanging.count } }
    var most: Int { state.withLock { $0.most } }

    func post(_ letter: Letter) async -> Answer? {
        let receiver = letter.callback?.receiver ?? ""
        let before = state.withLock { state in
            state.arrivals.append(
                Arrival(
                    receiver: receiver, event: letter.id, source: letter.subject.source, body: letter.body))
            state.current += 1
            state.most = max(state.most, state.current)
            defer { state.tries[receiver, default: 0] += 1 }
            return state.tries[receiver, default: 0]
        }
        defer { state.withLock { $0.current -= 1 } }
        if let answer = script.withLock({ $0 })(letter, before) { return answer }
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.isOver { state.hanging.append(continuation) }
                return state.isOver
            }
            if isOver { continuation.resume() }
        }
        return Task.isCancelled ? nil : .unreachable("The receiver did not answer")
    }
    /// Nobody hangs any longer.
    func letGo() {
        let hanging = state.withLock { state in
            defer { (state.hanging, state.isOver) = ([], true) }
            return state.hanging
        }
        for continuation in hanging { continuation.resume() }
    }
}

/// Returns when `condition` holds.
func until(_ condition: () async throws -> Bool) async throws {
    while try await !condition() { try await Task.sleep(for: .milliseconds(2)) }
}
