import Foundation
import Records
import Testing

struct ConditionTests {
    private struct Thing {}
    private static let (early, late) = (Date(timeIntervalSince1970: 1), Date(timeIntervalSince1970: 2))

    private static let cases: [(Comparison, [FieldValue], FieldValue?, Bool)] = [
        (.equal, [.text("a")], .text("a"), true), (.equal, [.text("a")], .text("A"), false),
        (.equal, [.text("a")], nil, false), (.isIn, [.integer(1), .integer(2)], .integer(2), true),
        (.isIn, [], .integer(2), false), (.atLeast, [.time(early)], .time(early), true),
        (.atLeast, [.time(late)], .time(early), false), (.below, [.time(early)], .time(early), false),
        (.below, [.time(late)], .time(early), true), (.contains, [.text("%")], .text("50 %"), true),
        (.contains, [.text("_")], .text("50 %"), false), (.isNull, [], nil, true), (.isNull, [], .text(""), false),
    ]
    @Test(arguments: cases.indices) func aConditionHoldsWhenItSaysSo(index: Int) {
        let (comparison, values, value, isMet) = Self.cases[index]
        #expect(Condition<Thing>("c", comparison, values).holds(for: value) == isMet)
    }
    @Test func idsAreOrderedAsTheirText() {
        let ids = (0..<100).map { _ in UUID() }
        for (a, b) in zip(ids, ids.dropFirst()) {
            #expect(Condition<Thing>("id", .below, [.id(b)]).holds(for: .id(a)) == (a.wire < b.wire))
        }
    }
}
