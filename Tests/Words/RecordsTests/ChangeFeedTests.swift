import Foundation
import Records
import Testing

struct ChangeFeedTests {
    @Test func whoNoLongerListensForChangesIsForgotten() async {
        let feed = ChangeFeed(), account = UUID()
        do {
            var listener = feed.changes { $0 == .credentials(account: account) }.makeAsyncIterator()
            #expect(feed.listenerCount == 1)
            feed.yield([.credentials(account: UUID()), .streams])
            feed.yield([.credentials(account: account)])
            #expect(await listener.next() == .credentials(account: account))
        }
        #expect(feed.listenerCount == 0)
    }
    @Test func whoMissedChangesIsToldThatAnythingMayHaveChanged() async {
        let feed = ChangeFeed()
        var listener = feed.changes { $0 == .streams }.makeAsyncIterator()
        feed.yield([.everything])
        #expect(await listener.next() == .everything)
    }
}
