import Inference
import Testing

@testable import InferenceEngine

struct InferenceBudgetTests {
    /// Lets callers queue up one after the other for a budget that is spent, then gives places back one by one.
    private static func order(_ callers: [(name: String, urgency: Urgency)]) async -> [String] {
        let budget = InferenceBudget(places: 1)
        await budget.take(.live)
        let served = Order<String>()
        await withTaskGroup(of: Void.self) { group in
            for (index, caller) in callers.enumerated() {
                group.addTask {
                    await budget.take(caller.urgency)
                    served.append(caller.name)
                    budget.give()
                }
                while budget.waitingCount <= index { await Task.yield() }
            }
            budget.give()
        }
        return served.elements
    }

    @Test func liveGoesBeforeBatchAndEachInItsOrder() async {
        let order = await Self.order([
            ("batch 1", .batch), ("live 1", .live), ("batch 2", .batch), ("live 2", .live), ("live 3", .live),
        ])
        #expect(order == ["live 1", "live 2", "live 3", "batch 1", "batch 2"])
    }

    @Test func batchGoesOnWhileNothingLiveWaits() async {
        #expect(await Self.order([("a", .batch), ("b", .batch)]) == ["a", "b"])
    }

    @Test func batchAdvancesWhileLiveNeverStops() async {
        let live = (1...40).map { ("live \($0)", Urgency.live) }
        let order = await Self.order(live + [("batch 1", .batch), ("batch 2", .batch), ("batch 3", .batch)])
        #expect(order.firstIndex(of: "batch 1") == 15 && order.firstIndex(of: "batch 2") == 31)
        #expect(order.last == "batch 3")
    }

    /// Eight streams that would all take every place: one of them looks at four regions of each frame, another reads two ahead.
    @Test func streamsThatAreTooManyAreLookedAtEquallyOften() async {
        let budget = InferenceBudget(places: 2)
        let frames = Order<Int>()
        await withTaskGroup(of: Void.self) { group in
            for stream in 0..<8 {
                group.addTask {
                    while frames.elements.count < 800 {
                        await withTaskGroup(of: Void.self) { looks in
                            for _ in 0..<(stream == 0 ? 4 : stream == 1 ? 2 : 1) {
                                looks.addTask {
                                    await budget.take(.live)
                                    try? await Task.sleep(for: .microseconds(200))
                                    budget.give()
                                }
                            }
                        }
                        frames.append(stream)
                    }
                }
            }
        }
        let counts = (0..<8).map { stream in frames.elements.count { $0 == stream } }
        #expect(counts.min()! >= 80 && counts.max()! <= 120, "\(counts)")
    }

    @Test func noMoreThanItsPlacesAreEverTaken() async {
        let budget = InferenceBudget(places: 3)
        let inside = Tally()
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<200 {
                group.addTask {
                    await budget.take(index.isMultiple(of: 3) ? .batch : .live)
                    inside.enter()
                    await Task.yield()
                    inside.leave()
                    budget.give()
                }
            }
        }
        #expect(inside.most <= 3)
        #expect(budget.waitingCount == 0)
    }
}
