import Foundation
import JSON
import KeepSupport
import Records
import Testing

@testable import Store

@Suite(.onEachBackend) struct DeliveryTests {
    @Test func whatBecameDueLongAgoIsRemovedAndNothingElse() async throws {
        let fixture = try await TemporaryStore(), store = fixture.store
        let stream = try await fixture.createStream().definition
        let callback = try Callback(JSONReader(["type": "luna-event"]))
        for hour in 0..<4 {
            let crowd = Event.crowd(from: Double(hour), to: Double(hour))
            try await store.record(
                [crowd.update(.opened)], deliveries: [Delivery(eventID: crowd.id, callback: callback)], of: stream,
                at: TemporaryStore.noon.addingTimeInterval(Double(hour) * 3600))
        }
        #expect(try await store.deleteDeliveries(before: TemporaryStore.noon.addingTimeInterval(7200)) == 2)
        #expect(try await store.deliveryCount() == 2)
        #expect(try await store.events(account: fixture.account.id).count == 4)
    }
}
