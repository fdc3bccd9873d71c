import Foundation
import JSON
import Records
import Scene
import Sealing

// A batch as a line of the spool.
extension EventBatch {
    struct BrokenLine: Error {}

    /// JSON without a line end.
    var line: [UInt8] {
        func instant(_ instant: StoredEvent.Instant) -> JSONValue {
            [.integer(instant.offset.nanoseconds), .integer(Milliseconds.nearest(instant.time))]
        }
        let json: JSONValue = [
            "stream": .string(streamID.wire), "account": .string(accountID.wire), "time": .integer(time),
            "changes": .array(
                changes.map {
                    [
                        "id": .string($0.id.wire), "track": .string($0.trackID.wire), "type": .string($0.type),
                        "begin": instant($0.begin), "end": instant($0.end), "closing": .bool($0.isClosing),
                        "body": .string($0.body), "told": .bool($0.isTold), "images": .array($0.pictures.map(\.wire)),
                    ]
                }),
            "due": .array(
                deliveries.map { [.string($0.eventID.wire), .string(Data($0.callback).base64EncodedString())] }),
        ]
        return Array(json.data)
    }

    /// - Parameter vault: seals what daemons before have left unsealed; without one there is no such thing.
    init(line: [UInt8], vault: Vault? = nil) throws {
        let json = try JSONValue(parsing: line)
        func id(_ value: JSONValue?) throws -> UUID {
            guard let id = value?.string.flatMap(UUID.init(wire:)) else { throw BrokenLine() }
            return id
        }
        func instant(_ value: JSONValue?) throws -> StoredEvent.Instant {
            guard let pair = value?.array, pair.count == 2, let offset = pair[0].integer, let time = pair[1].integer
            else { throw BrokenLine() }
            return StoredEvent.Instant(offset: MediaTime(nanoseconds: offset), time: Milliseconds.date(time))
        }
        func text(_ value: JSONValue?) throws -> String {
            guard let text = value?.string else { throw BrokenLine() }
            return text
        }
        guard let time = json["time"]?.integer, let changes = json["changes"]?.array, let due = json["due"]?.array
        else {
            throw BrokenLine()
        }
        self.init(
            streamID: try id(json["stream"]), accountID: try id(json["account"]), time: time,
            changes: try changes.map {
                Change(
                    id: try id($0["id"]), trackID: try id($0["track"]), type: try text($0["type"]),
                    begin: try instant($0["begin"]), end: try instant($0["end"]), isClosing: $0["closing"] == true,
                    body: try text($0["body"]),
                    // Daemons before had the pictures in the body.
                    pictures: try $0["images"]?.array?.map(KeptPicture.init(wire:)) ?? [], isTold: $0["told"] == true)
            },
            deliveries: try due.map {
                let event = try id($0.array?.first), written = try text($0.array?.last)
                if written.hasPrefix("{"), let vault {
                    return Due(eventID: event, callback: vault.seal(written, at: .callback(ofEvent: event)))
                }
                guard let sealed = Data(base64Encoded: written) else { throw BrokenLine() }
                return Due(eventID: event, callback: Array(sealed))
            })
    }
}

extension KeptPicture {
    fileprivate var wire: JSONValue {
        [
            .string(id.wire), .string(contentType), .integer(Int64(size)),
            expiry.map { .integer($0) } ?? .null,
        ]
    }
    fileprivate init(wire: JSONValue) throws {
        guard let parts = wire.array, parts.count == 4, let id = parts[0].string.flatMap(UUID.init(wire:)),
            let contentType = parts[1].string, let size = parts[2].integer
        else { throw EventBatch.BrokenLine() }
        self.init(id: id, contentType: contentType, size: Int(size), expiry: parts[3].integer)
    }
}
