import Foundation
import Synchronization
import Testing

@testable import Setup

struct ProcessorUseTests {
    private final class Clock: Sendable {
        private let state = Mutex(10.0)
        var seconds: Double { state.withLock { $0 } }
        func take(_ seconds: Double) { state.withLock { $0 += seconds } }
    }

    @Test func theShareIsThatOfTheTimeSinceSomebodyAskedLast() {
        let start = ContinuousClock.now, clock = Clock()
        let use = ProcessorUse(at: start) { clock.seconds }
        #expect(use.percent(at: start + .milliseconds(900)) == nil)
        clock.take(3)
        #expect(use.percent(at: start + .seconds(2)) == 150)
        clock.take(1)
        // Asked again at once, nobody is told of a moment.
        #expect(use.percent(at: start + .milliseconds(2900)) == 150)
        #expect(use.percent(at: start + .seconds(4)) == 50)
        // One that decoded is gone, and its time with it.
        clock.take(-5)
        #expect(use.percent(at: start + .seconds(5)) == 0)
    }

    @Test func thisProcessTakesTimeAndMemory() throws {
        let before = ProcessFamily.cpuSeconds, end = ContinuousClock.now + .milliseconds(100)
        var sum = 0.0
        while ContinuousClock.now < end { sum += sin(sum) + 1 }
        #expect(sum > 0 && ProcessFamily.cpuSeconds > before)
        #expect(try #require(ProcessUsage.residentBytes) > 1 << 20)
        let memory = try #require(Machine.memory)
        #expect(memory.total > memory.available && memory.available > 0)
    }

    @Test func theLoadIsThatOfTheMachine() throws {
        func told() throws -> [Double] {
            try String(contentsOfFile: "/proc/loadavg", encoding: .utf8).split(separator: " ").prefix(3)
                .compactMap { Double($0) }
        }
        // It may change in between.
        let before = try told(), load = Machine.load, after = try told()
        #expect(load.count == 3 && (load == before || load == after))
    }
}
