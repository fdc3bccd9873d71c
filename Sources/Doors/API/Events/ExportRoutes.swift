import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import Records
import Store

/// `/6/events/export`, `/6/general/events/export`: all events that filters let pass, one line each, however many they are.
struct ExportRoutes: Sendable {
    private enum Format: String {
        case csv
        case lines = "jsonl"
        var mediaType: String { self == .csv ? "text/csv; charset=utf-8" : "application/jsonl" }
    }
    /// Events that are read at once; the client takes them before the next are.
    private static let portion = 500
    let services: Services

    func add(to table: ResourceTable) {
        table.add("/6/events/export", .get(.right(.event, .view), ofHandlers))
        table.add("/6/general/events/export", .get(.right(.event, .view), general))
    }

    @Sendable private func ofHandlers(_ call: Call) async throws -> Response {
        let query = call.query
        let filter = try query.storedEvents(account: call.caller.scope(query))
        let (format, csv) = try Self.format(query)
        let columns = try query.list("columns", EventColumn.init(rawValue:)) ?? EventColumn.standard
        let targets = try query.eventTargets()
        let store = services.store
        let head = format == .csv ? csv.line(columns.flatMap(\.names)) : ""
        return try await Self.response(format, head) { after in
            try await store.events(filter, after: after, limit: Self.portion)
        } line: { event in
            format == .csv ? csv.line(event.cells(columns)) : event.stored(targets).text + "\n"
        }
    }
    @Sendable private func general(_ call: Call) async throws -> Response {
        let query = call.query
        let filter = try query.generalEvents(account: call.caller.scope(query))
        let (format, csv) = try Self.format(query)
        let store = services.store
        let head = format == .csv ? csv.line(StoredEvent.generalColumns) : ""
        return try await Self.response(format, head) { after in
            try await store.generalEvents(filter, after: after, limit: Self.portion)
        } line: { event in
            format == .csv ? csv.line(event.generalCells) : event.general.text + "\n"
        }
    }

    private static func format(_ query: Query) throws(Refusal) -> (Format, CSVWriter) {
        let delimiter = try query.text("csv_delimiter", maximumLength: 1) ?? ","
        guard let character = delimiter.first, !"\"\r\n".contains(character) else { throw .badQuery("csv_delimiter") }
        return (try query.choice("format") ?? .csv, CSVWriter(delimiter: character))
    }

    /// - Parameters:
    ///   - read: the events that follow on one of them.
    ///   - line: an event as the client gets it.
    private static func response(
        _ format: Format, _ head: String,
        read: @escaping @Sendable (StoredEvent.Place?) async throws -> [StoredEvent.Placed],
        line: @escaping @Sendable (StoredEvent) -> String
    ) async throws -> Response {
        // What is wrong with the filters shows mostly here, while it can still be answered.
        let first = try await read(nil)
        let body = ResponseBody { writer in
            var buffer = ByteBuffer(string: head), events = first
            while true {
                for placed in events { buffer.writeString(line(placed.event)) }
                if buffer.readableBytes > 0 { try await writer.write(buffer) }
                buffer.clear()
                guard events.count == portion else { break }
                events = try await read(events.last?.place)
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: format.mediaType], body: body)
    }
}
