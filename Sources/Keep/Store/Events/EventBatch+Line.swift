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
        let json: JSONValue = [
            "account": .string(accountID.wire), "stream": streamID.map { .string($0.wire) } ?? .null,
            "time": .integer(time),
            "changes": .array(changes.map(\.line)),
            "due": .array(deliveries.filter { !$0.isAtEnd }.map(\.wire)),
            "due_at_end": .array(deliveries.filter(\.isAtEnd).map(\.wire)),
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
        func descriptor(_ value: JSONValue?) throws -> Descriptor? {
            guard let text = value?.string else { return nil }
            guard let bytes = Data(base64Encoded: text), let read = try? Descriptor(bytes: bytes) else {
                throw BrokenLine()
            }
            return read
        }
        guard let time = json["time"]?.integer, let changes = json["changes"]?.array, let due = json["due"]?.array
        else {
            throw BrokenLine()
        }
        let account = try id(json["account"])
        let read = try changes.map {
            let (type, written) = (try text($0["type"]), try text($0["body"]))
            guard var body = try? JSONValue(parsing: Array(written.utf8)) else { throw BrokenLine() }
            // Daemons before wrote no handlers, persons in a form of their own, and pictures in the body.
            if $0["handler"] == nil, type == "human_tracking" { body = body.personAsGenerated }
            let handler =
                $0["handler"].map { $0.string.flatMap(UUID.init(wire:)) }
                ?? EventColumns.handler(ofType: type, account: account)
            return Change(
                id: try id($0["id"]), type: type, begin: try instant($0["begin"]), end: try instant($0["end"]),
                isClosing: $0["closing"] == true, columns: EventColumns(handler: handler, body: body),
                body: $0["handler"] == nil ? body.text : written,
                pictures: try $0["images"]?.array?.map(KeptPicture.init(wire:)) ?? [], isTold: $0["told"] == true,
                retelling: Retelling(line: $0), descriptor: try descriptor($0["descriptor"]))
        }
        // The release before told it with the events alone.
        let stream = json["stream"].map { $0.string } ?? read.first { $0.type != RawEvent.type }?.columns.stream?.wire
        var deliveries = try due.compactMap { try Due($0.array ?? [], ofStream: json["stream"], vault: vault) }
        for parts in json["due_at_end"]?.array ?? [] {
            guard var due = try Due(parts.array ?? [], ofStream: json["stream"], vault: vault) else { continue }
            due.isAtEnd = true
            deliveries.append(due)
        }
        self.init(
            accountID: account, streamID: stream.flatMap { UUID(wire: $0) }, time: time, changes: read,
            deliveries: deliveries)
    }
}

extension EventBatch.Change {
    fileprivate var line: JSONValue {
        func instant(_ instant: StoredEvent.Instant) -> JSONValue {
            [.integer(instant.offset.nanoseconds), .integer(Milliseconds.nearest(instant.time))]
        }
        var line: [String: JSONValue] = [
            "id": .string(id.wire), "type": .string(type), "handler": columns.handler.map { .string($0.wire) } ?? .null,
            "begin": instant(begin), "end": instant(end), "closing": .bool(isClosing), "body": .string(body),
            "told": .bool(isTold), "images": .array(pictures.map(\.wire)),
            "results": retelling.map { .string($0.results.text) } ?? .null,
            "notice": .bool(retelling?.isNotice == true), "notice_at_end": .bool(retelling?.isNoticeAtEnd == true),
        ]
        line["descriptor"] = descriptor.map { .string(Data($0.bytes).base64EncodedString()) }
        return .object(line)
    }
}

extension Retelling {
    /// `nil` of a change that says nothing of it, as those of daemons before.
    fileprivate init?(line change: JSONValue) {
        guard let results = change["results"]?.string else { return nil }
        self.init(
            results: JSONText(written: results), isNotice: change["notice"] == true,
            isNoticeAtEnd: change["notice_at_end"] == true)
    }
}

extension EventBatch.Due {
    fileprivate var wire: JSONValue {
        let own: [JSONValue] = [
            .string(eventID.wire), .string(sourceID.wire), .string(lane.id.wire), .string(lane.receiver.wire),
            .string(Data(lane.callback).base64EncodedString()),
        ]
        let report = report.map { [.string($0.id.wire), .string(Data($0.body).base64EncodedString())] as [JSONValue] }
        return .array(own + (report ?? []))
    }
    /// With what is told of an event of a handler; `nil` for what says nothing of it.
    private init?(reporting parts: [JSONValue]) throws {
        guard parts.count == 7 else { return nil }
        try self.init(Array(parts.prefix(5)), ofStream: nil, vault: nil)
        guard let id = parts[5].string.flatMap(UUID.init(wire:)),
            let body = parts[6].string.flatMap({ Data(base64Encoded: $0) })
        else { throw EventBatch.BrokenLine() }
        report = EventBatch.Report(id: id, body: Array(body))
    }
    /// - Parameters:
    ///   - parts: event, stream or handler, lane, receiver and sealed callback; of a handler's also the id and the sealed body of what is
    ///     told; as daemons before wrote it, event and callback, sealed or not.
    ///   - stream: as daemons before wrote it.
    /// - Returns: `nil` for what such a daemon left that goes to nobody outside.
    fileprivate init?(_ parts: [JSONValue], ofStream stream: JSONValue?, vault: Vault?) throws {
        if let reporting = try Self(reporting: parts) {
            self = reporting
            return
        }
        let texts = parts.compactMap(\.string), ids = texts.dropLast().compactMap { UUID(wire: $0) }
        guard texts.count == parts.count, ids.count == texts.count - 1, let event = ids.first, let written = texts.last
        else { throw EventBatch.BrokenLine() }
        if ids.count == 4, let callback = Data(base64Encoded: written) {
            let lane = Lane(id: ids[2], receiver: ids[3], callback: Array(callback))
            self.init(eventID: event, sourceID: ids[1], lane: lane)
            return
        }
        guard ids.count == 1, let stream = stream?.string.flatMap(UUID.init(wire:)), let vault else {
            throw EventBatch.BrokenLine()
        }
        var text = written
        if !written.hasPrefix("{") {
            guard let sealed = Data(base64Encoded: written) else { throw EventBatch.BrokenLine() }
            text = try vault.text(Array(sealed), at: .callback(ofEvent: event))
        }
        guard Callback(stored: text)?.kind.isSent == true else { return nil }
        self.init(eventID: event, sourceID: stream, lane: Lane(text, of: stream, vault: vault))
    }
}

extension KeptPicture {
    fileprivate var wire: JSONValue {
        [
            .string(id.wire), .string(contentType), .integer(Int64(size)),
            expiry.map { .integer($0) } ?? .null, .string(kind.rawValue),
        ]
    }
    /// Daemons before had images only, and did not say so.
    fileprivate init(wire: JSONValue) throws {
        guard let parts = wire.array, parts.count == 4 || parts.count == 5,
            let id = parts[0].string.flatMap(UUID.init(wire:)),
            let contentType = parts[1].string, let size = parts[2].integer,
            let kind = parts.count == 4 ? .image : parts[4].string.flatMap(StoredObject.Kind.init(rawValue:))
        else { throw EventBatch.BrokenLine() }
        self.init(id: id, kind: kind, contentType: contentType, size: Int(size), expiry: parts[3].integer)
    }
}
