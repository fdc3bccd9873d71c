import Foundation
import JSON
import Records
import SQL

// The step that gives events columns of their own for all that they are found by.
extension Schema {
    static let events = Migration("0008 events") { connection in
        let type = connection.dialect
        try connection.script(columns(type))
        try fill(connection)
        try connection.script(
            """
            ALTER TABLE event DROP COLUMN stream_before;
            ALTER TABLE event DROP COLUMN track_before;

            """ + indexes + counts(type))
    }

    /// An event need have neither stream nor track, and a track is any short text.
    private static func columns(_ type: Dialect) -> String {
        let added = [
            ("stream_id", type.id), ("track_id", "TEXT"),
            // NULL: a general event.
            ("handler_id", type.id),
            ("insert_time", "\(type.integer) NOT NULL DEFAULT 0"), ("source", "TEXT"),
            ("external_id", "TEXT NOT NULL DEFAULT ''"), ("user_data", "TEXT NOT NULL DEFAULT ''"), ("tags", "TEXT"),
            ("city", "TEXT"), ("area", "TEXT"), ("district", "TEXT"), ("street", "TEXT"), ("house_number", "TEXT"),
            ("longitude", type.real), ("latitude", type.real),
            // JSON.
            ("meta", "TEXT"), ("attributes", "TEXT"), ("people_count", type.integer),
        ]
        return """
            ALTER TABLE event RENAME COLUMN stream_id TO stream_before;
            ALTER TABLE event RENAME COLUMN track_id TO track_before;

            """ + added.map { "ALTER TABLE event ADD COLUMN \($0) \($1);\n" }.joined()
    }

    private static func fill(_ connection: any Connection) throws {
        let columns = ["insert_time", "body"] + EventColumns.lasting + EventColumns.changing
        let update = "UPDATE event SET \(columns.map { "\($0) = ?" }.joined(separator: ", ")) WHERE sequence = ?"
        try connection.inPortions(
            """
            SELECT sequence, account_id, stream_before, track_before, type, body, begin_time,
                (SELECT min(time) FROM event_record WHERE event_id = event.id) FROM event
            """
        ) {
            EventBefore(
                sequence: $0[0], account: $0[1], stream: $0[2], track: $0[3], type: $0[4], body: $0[5],
                time: ($0[7] as Int64?) ?? $0[6])
        } apply: { event in
            let body = event.renewedBody
            let columns = EventColumns(
                handler: EventColumns.handler(ofType: event.type, account: event.account), body: body)
            var values: [any Bindable] = [event.time, body.text] + columns.lastingValues + columns.changingValues
            for (index, name) in EventColumns.lasting.enumerated() {
                if name == "stream_id" { values[2 + index] = event.stream }
                if name == "track_id" { values[2 + index] = event.track.wire }
            }
            try connection.execute(update, values + [event.sequence])
            return event.sequence
        }
    }

    // The account first, since most callers see one; then what is asked for, and the order of lists. Each index that all accounts'
    // events are looked through by is on time, for there is always a window of it. What statistics ask most lies in the index on time.
    private static let indexes = """
        CREATE INDEX event_by_time ON event (account_id, begin_time, sequence, stream_id, source)
            WHERE handler_id IS NOT NULL;
        CREATE INDEX event_by_time_alone ON event (begin_time, sequence) WHERE handler_id IS NOT NULL;
        CREATE INDEX event_by_handler ON event (account_id, handler_id, begin_time, sequence)
            WHERE handler_id IS NOT NULL;
        CREATE INDEX event_by_external_id ON event (account_id, external_id, begin_time, sequence)
            WHERE handler_id IS NOT NULL;
        CREATE INDEX event_by_source ON event (account_id, source, begin_time, sequence)
            WHERE handler_id IS NOT NULL;
        CREATE INDEX event_by_city ON event (account_id, city, begin_time, sequence) WHERE city IS NOT NULL;
        CREATE INDEX event_by_area ON event (account_id, area, begin_time, sequence) WHERE area IS NOT NULL;
        CREATE INDEX event_by_district ON event (account_id, district, begin_time, sequence) WHERE district IS NOT NULL;
        CREATE INDEX event_by_street ON event (account_id, street, begin_time, sequence) WHERE street IS NOT NULL;
        CREATE INDEX event_by_house_number ON event (account_id, house_number, begin_time, sequence)
            WHERE house_number IS NOT NULL;
        CREATE INDEX event_by_stream ON event (account_id, stream_id, begin_time, sequence, handler_id);
        CREATE INDEX event_by_track ON event (account_id, track_id, begin_time, sequence, handler_id);
        CREATE INDEX event_by_id ON event (account_id, id);
        CREATE INDEX event_by_end_time ON event (account_id, end_time);
        CREATE INDEX event_by_insert_time ON event (account_id, insert_time);
        CREATE INDEX general_event_by_time
            ON event (account_id, begin_time, sequence, stream_id, type, people_count) WHERE handler_id IS NULL;
        CREATE INDEX general_event_by_time_alone ON event (begin_time, sequence) WHERE handler_id IS NULL;
        CREATE INDEX general_event_by_type ON event (account_id, type, begin_time, sequence) WHERE handler_id IS NULL;

        """
}

/// A row of before, as far as it matters for the columns.
private struct EventBefore {
    let sequence: Int64
    let account, stream, track: UUID
    let type, body: String
    let time: Int64

    /// The body in the form that its type has.
    var renewedBody: JSONValue {
        let written = (try? JSONValue(stored: body)) ?? .null
        return type == "human_tracking" ? written.personAsGenerated : written
    }
}

extension JSONValue {
    /// An event about a person as daemons wrote it before persons' events had the form of generated ones, in that form.
    var personAsGenerated: JSONValue {
        guard case .object(var envelope) = self, case .object(var event)? = envelope["event"],
            event["detections"] == nil, let id = event["event_id"]?.string.flatMap(UUID.init(wire:))
        else { return self }
        let detection = event.removeValue(forKey: "body")?["detection"]
        if let rect = detection?["bbox"] {
            let body = GeneratedEvent.body(["rect": rect, "score": detection?["score"] ?? .null])
            // Of the picture, if there is one: when the best detection was is not told elsewhere.
            let offset = event["overview"]?["time_offset"] ?? event["video_segment"]?["start_time_offset"] ?? .null
            let begin = envelope["event_create_time"]?.string.flatMap { Date(rfc3339: $0) }
            let time = begin.map {
                let start = event["video_segment"]?["start_time_offset"]?.double ?? 0
                return $0.addingTimeInterval((offset.double ?? start) - start)
            }
            event["detections"] = [
                GeneratedEvent.detection(body: body, time: time ?? Date(timeIntervalSince1970: 0), offset: offset)
            ]
        }
        envelope["event"] = .object(GeneratedEvent.members(event, id: id, isStored: true))
        return .object(envelope)
    }
}
