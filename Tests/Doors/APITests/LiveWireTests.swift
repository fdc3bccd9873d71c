import Foundation
import JSON
import Records
import Scene
import Streams
import Testing

@testable import API

struct LiveWireTests {
    static let id = UUID(uuidString: "557D54EC-29AD-4F3C-93B4-C9092EF12515")!
    static let lower = "557d54ec-29ad-4f3c-93b4-c9092ef12515"
    private struct Told: Facts {
        let members: [String: JSONValue]
    }

    private static func message(_ status: EventUpdate.Status?) -> LiveMessage {
        func time(_ seconds: Double) -> FrameTime {
            FrameTime(index: 0, pts: MediaTime(seconds: seconds), wallClock: .now)
        }
        let event = Event(
            id: id, trackID: id, type: "crowd", begin: time(0), end: time(7.5),
            facts: Told(members: ["people_count": 9]))
        let update = EventUpdate(
            event: event, change: .continued, status: status, isReported: false, time: time(1.23449),
            live: Told(members: ["people_count": 2, "people_coordinates": [[64, 128], [491, 375]]]))
        return .updates([AnalyticUpdates(origin: EventOrigin(name: "a", resultName: "crowd"), updates: [update])])
    }

    @Test func theMessagesOfAStreamHaveTheirPublishedForms() throws {
        #expect(
            LiveWire.messages(for: Self.message(.started)).map(\.text) == [
                #"{"analytics_results":{"crowd":{"event_id":"\#(Self.lower)","event_status":"started","people_coordinates":[[64,128],[491,375]],"people_count":2,"time_offset":1.234,"track_id":"\#(Self.lower)"}},"error":null,"stream_status":"in_progress"}"#
            ])
        #expect(
            LiveWire.messages(for: .analyticError(resultName: "crowd", "error decoding frame number 12345")).map(\.text)
                == [
                    #"{"analytics_results":{"crowd":{"error":"error decoding frame number 12345"}},"error":null,"stream_status":"in_progress"}"#
                ])
        #expect(
            LiveWire.messages(for: .failed("connection refused")).map(\.text)
                == [#"{"error":"connection refused","stream_status":"error"}"#])
        #expect(LiveWire.messages(for: .finished).map(\.text) == [#"{"error":null,"stream_status":"finished"}"#])
    }
    @Test func aChangeThatOnlyCutsATrackIsNoMessage() {
        #expect(LiveWire.messages(for: Self.message(nil)).isEmpty)
    }
}
