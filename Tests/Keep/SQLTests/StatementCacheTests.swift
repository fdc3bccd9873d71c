import SQL
import Testing

struct StatementCacheTests {
    @Test func whatWasUsedLeastLatelyMakesRoom() {
        var cache = StatementCache<Int>(capacity: 2)
        #expect(cache.insert(1, for: "a") == nil && cache.insert(2, for: "b") == nil)
        #expect(cache.find("a") == 1)
        #expect(cache.insert(3, for: "c") == 2)
        #expect(cache.find("b") == nil && cache.find("a") == 1 && cache.find("c") == 3)
    }
}
