import Foundation
import Records
import SQL

// The columns of the table, and what is written into them.
extension EventColumns {
    /// Whose handler made an event of a stream, by its type: general events have none.
    static func handler(ofType type: String, account: UUID) -> UUID? {
        type == "human_tracking" ? BuiltInHandler.id(of: account) : nil
    }

    /// Those that stay as they are while an event goes on.
    static let lasting =
        ["handler_id", "stream_id", "track_id", "source", "external_id", "user_data", "tags"] + placeNames
        + ["longitude", "latitude"]
    /// Those that the event's end may change.
    static let changing = ["meta", "attributes", "people_count"]

    var lastingValues: [any Bindable] {
        let own: [any Bindable] = [handler, stream, track, source, externalID, userData, tags]
        return own + places.map { $0 as any Bindable } + [longitude, latitude]
    }
    var changingValues: [any Bindable] { [meta, attributes, peopleCount] }
}
