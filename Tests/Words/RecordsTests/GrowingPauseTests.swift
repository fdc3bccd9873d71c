import Records
import Testing

struct GrowingPauseTests {
    private static func pauses(_ chance: Double) -> [Duration] {
        var pause = GrowingPause(from: .seconds(1), upTo: .seconds(8), chance: { chance })
        return (0..<5).map { _ in pause.next() }
    }

    @Test func pausesDoubleUpToTheirLimit() {
        #expect(Self.pauses(0) == [1, 2, 4, 8, 8].map { .seconds($0) })
    }
    @Test func chanceCutsThemShortByHalfAtMost() {
        #expect(Self.pauses(1) == [0.5, 1, 2, 4, 4].map { .seconds($0) })
        #expect(Self.pauses(0.5) == [0.75, 1.5, 3, 6, 6].map { .seconds($0) })
    }
    @Test func afterAResetTheFirstComesAgain() {
        var pause = GrowingPause(from: .seconds(1), upTo: .seconds(8), chance: { 0 })
        for _ in 0..<3 { _ = pause.next() }
        pause.reset()
        #expect(pause.next() == .seconds(1))
    }
    @Test func twoThatBrokeTogetherAreNotTriedAgainTogether() {
        var (a, b) = (GrowingPause(), GrowingPause())
        #expect((0..<5).map { _ in a.next() } != (0..<5).map { _ in b.next() })
    }

    /// What is left of an hour is waited for, and nothing is.
    @Test func whatWasSpentOnATryIsPartOfThePause() async throws {
        var pause = GrowingPause(from: .seconds(3600), upTo: .seconds(3600))
        try await pause.wait(after: .seconds(3600))
    }
}
