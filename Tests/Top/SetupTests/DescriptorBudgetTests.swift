import HTTPEdge
import Streams
import Testing

@testable import Setup

struct DescriptorBudgetTests {
    @Test(arguments: [1024, 4096, 65_536], [1, 64, 10_000])
    func noSharesAddUpToMoreThanThereIs(limit: Int, streams: Int) throws {
        let budget = try DescriptorBudget(limit: limit, streams: streams, connections: 1_000_000, callbacks: 64)
        let planned = budget.streams * DescriptorBudget.perStream + budget.connections + DescriptorBudget.own + 64
        #expect(planned < limit - DescriptorBudget.reserve)
        #expect(budget.connections >= DescriptorBudget.leastConnections)
        #expect(budget.connectionCeiling == limit - DescriptorBudget.reserve)
    }

    @Test func streamsComeBeforeConnections() throws {
        let small = try DescriptorBudget(limit: 1024, streams: 64, connections: 8192, callbacks: 64)
        #expect(small.streams == 64 && small.connections < 1024 - 64 * DescriptorBudget.perStream)
        let large = try DescriptorBudget(limit: 65_536, streams: 64, connections: 8192, callbacks: 64)
        #expect(large.streams == 64 && large.connections == 8192)
    }

    @Test func aLimitThatLeavesRoomForNothingIsRefusedWithTheOneThatWouldDo() throws {
        let error = try #require(throws: DescriptorShortage.self) {
            try DescriptorBudget(limit: 100, streams: 64, connections: 8192, callbacks: 64)
        }
        #expect(error.limit == 100)
        #expect(throws: DescriptorShortage(limit: error.needed - 1, needed: error.needed)) {
            try DescriptorBudget(limit: error.needed - 1, streams: 64, connections: 8192, callbacks: 64)
        }
        let smallest = try DescriptorBudget(limit: error.needed, streams: 64, connections: 8192, callbacks: 64)
        #expect(smallest.streams == 1)
    }

    @Test func settingsShowWhatTheDescriptorsSufficeFor() throws {
        var settings = try SettingsTests.settings(flags: ["streams.maximum": "5000"])
        let budget = try settings.fitDescriptors(limit: 1024)
        #expect(settings.streams.maximumStreams == budget.streams && budget.streams < 100)
        #expect(settings.listener.connectionLimit == budget.connections)
        #expect(settings.listener.descriptorCeiling == budget.connectionCeiling)
    }
}
