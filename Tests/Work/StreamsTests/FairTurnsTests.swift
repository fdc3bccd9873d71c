import Foundation
import KeepSupport
import Records
import Testing

@testable import Store
@testable import Streams

struct FairTurnsTests {
    private static let noon = TemporaryStore.noon
    private static func waiting(_ second: Int, of account: UUID, isRetry: Bool = false) -> WaitingStream {
        WaitingStream(
            StreamVersion(id: UUID(), version: 1), accountID: account,
            since: noon.addingTimeInterval(Double(second)), isRetry: isRetry)
    }

    @Test func anAccountWithManyStreamsDoesNotComeBeforeOneWithFew() {
        let (many, few) = (UUID(), UUID())
        let crowd = (0..<50).map { Self.waiting($0, of: many) }
        let single = Self.waiting(99, of: few)
        let turns = FairTurns(places: 8).next(of: crowd + [single], free: 4, opening: crowd.prefix(4).map { .init($0) })
        #expect(turns.first == single)
        #expect(turns.dropFirst().elementsEqual(crowd[..<2]), "three quarters of the places: six")
    }

    @Test func whatIsTriedAgainLeavesHalfOfThePlacesToOthers() {
        let account = UUID()
        let retries = (0..<50).map { Self.waiting($0, of: account, isRetry: true) }
        let new = (50..<52).map { Self.waiting($0, of: account) }
        let turns = FairTurns(places: 8).next(of: retries + new, free: 8, opening: [])
        #expect(turns.elementsEqual(retries[..<4] + new))
    }

    @Test func oneSinglePlaceIsGivenToo() {
        let waiting = [true, false].map { Self.waiting(0, of: UUID(), isRetry: $0) }
        #expect(FairTurns(places: 1).next(of: waiting, free: 1, opening: []).count == 1)
        #expect(FairTurns(places: 1).next(of: waiting, free: 0, opening: []).isEmpty)
    }

    // MARK: A hundred and forty silent cameras

    /// Streams of a store on a clock of its own, second by second. What is silent fails after ten of them.
    private struct Simulation {
        let fixture: TemporaryStore
        var opening: [(until: Double, turn: WaitingStream)] = []
        var running: Set<UUID> = []
        var now = 0.0
        static let places = 64

        var date: Date { FairTurnsTests.noon.addingTimeInterval(now) }
        func create(_ name: String, account: UUID) async throws -> UUID {
            let autorestart = AutorestartPolicy(isAllowed: name == "silent", attemptCount: 1000, delay: 1)
            return try await fixture.store.createStream(
                TemporaryStore.specification(name: name, autorestart: autorestart), account: account, at: date
            ).id
        }
        mutating func pass(_ seconds: Int, healthy: UUID? = nil) async throws {
            for _ in 0..<seconds {
                for (until, turn) in opening where until <= now {
                    #expect(
                        try await fixture.store.transition(
                            turn.stream, from: .inProgress, to: .failure, error: "timeout", at: date))
                }
                opening.removeAll { $0.until <= now }
                _ = try await fixture.store.performAutorestarts(at: date)
                let turns = FairTurns(places: Self.places).next(
                    of: try await fixture.store.waitingStreams(limit: Self.places),
                    free: Self.places - opening.count - running.count, opening: opening.map { .init($0.turn) })
                for turn in turns {
                    #expect(
                        try await fixture.store.transition(turn.stream, from: .pending, to: .inProgress, at: date))
                    if turn.stream.id == healthy {
                        running.insert(turn.stream.id)
                    } else {
                        opening.append((now + 10, turn))
                    }
                }
                now += 1
            }
        }
        /// Seconds until `healthy` runs, at most `limit`.
        mutating func wait(for healthy: UUID, atMost limit: Int) async throws -> Int? {
            for second in 0..<limit {
                try await pass(1, healthy: healthy)
                if running.contains(healthy) { return second }
            }
            return nil
        }
    }

    @Test func silentStreamsThatAreTriedEachSecondHoldUpNoOther() async throws {
        let fixture = try await TemporaryStore(.sqlite)
        var simulation = Simulation(fixture: fixture)
        for _ in 0..<140 { _ = try await simulation.create("silent", account: fixture.account.id) }
        // Registered with them: it waits while each of them is tried for the first time.
        let early = try await simulation.create("healthy", account: fixture.account.id)
        #expect(try #require(try await simulation.wait(for: early, atMost: 150)) <= 30)
        // Registered later: at once.
        try await simulation.pass(15)
        let late = try await simulation.create("healthy", account: fixture.account.id)
        #expect(try await simulation.wait(for: late, atMost: 150) == 0)
    }

    @Test func anotherAccountsSilentStreamsHoldUpNobody() async throws {
        let fixture = try await TemporaryStore(.sqlite)
        let other = try await fixture.createAccount("two@example.org")
        var simulation = Simulation(fixture: fixture)
        for _ in 0..<140 { _ = try await simulation.create("silent", account: other.id) }
        try await simulation.pass(3)
        let healthy = try await simulation.create("healthy", account: fixture.account.id)
        #expect(try await simulation.wait(for: healthy, atMost: 150) == 0)
    }
}
