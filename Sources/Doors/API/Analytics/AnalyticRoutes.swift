import HTTPEdge
import Analytics
import Foundation
import HTTPTypes
import Hummingbird
import JSON
import Records

/// `/6/analytics`, `/6/analytics/{analytic_id}`, `/6/analytics/{analytic_id}/docs`.
struct AnalyticRoutes: Sendable {
    let services: Services

    func add(to table: ResourceTable) {
        table.add("/6/analytics", .get(.right(.analytic, .view), list))
        table.add("/6/analytics/{analytic_id}", .get(.right(.analytic, .view), one))
        table.add("/6/analytics/{analytic_id}/docs", .get(.right(.analytic, .view), documentation))
    }

    @Sendable private func list(_ call: Call) async throws -> Response {
        let query = call.query
        let filter = try query.filter(FilterField<AnalyticEntry>.all, account: nil)
        let order: CreationOrder = try query.choice("order") ?? .newestFirst
        let page = try query.page()

        let createTime = services.settings.startTime
        let found = services.catalogue.entries.filter { entry in
            filter.matches { column in
                switch column {
                case "id": .id(entry.id)
                case "name": .text(entry.name)
                default: .time(createTime)
                }
            }
        }
        let ordered = order == .oldestFirst ? found : found.reversed()
        return .json(["analytics": .array(ordered.dropFirst(page.offset).prefix(page.limit).map(object))])
    }

    @Sendable private func one(_ call: Call) async throws -> Response { .json(object(try entry(call))) }

    /// The raw documentation as one JSON string, or a page for those who would rather have HTML.
    @Sendable private func documentation(_ call: Call) async throws -> Response {
        let entry = try entry(call)
        let accept = Accept(call.request.headers[.accept])
        var response: Response
        if accept.preferred(of: ["application/json", "text/html"]) == "text/html" {
            let page = MarkdownDocument(entry.documentation).page(title: entry.name)
            response = .bytes(page.utf8, type: "text/html; charset=utf-8")
        } else {
            response = .json(.string(entry.documentation))
        }
        response.headers[.vary] = "Accept"
        return response
    }

    private func entry(_ call: Call) throws -> AnalyticEntry {
        let id = try call.id("analytic_id")
        _ = try call.caller.scope(call.query)  // of no account; a bad `account_id` is told all the same
        guard let entry = services.catalogue.entries.first(where: { $0.id == id }) else {
            throw APIError.analyticNotFound(id)
        }
        return entry
    }

    private func object(_ entry: AnalyticEntry) -> JSONValue {
        let time = JSONValue.string(services.settings.startTime.rfc3339)
        return [
            "analytic_id": .string(entry.id.wire), "analytic_name": .string(entry.name),
            "description": .string(entry.description), "analytic_version": .integer(Int64(entry.version)),
            "default_parameters": entry.defaultParameters, "create_time": time, "last_update_time": time,
            "validation_schema": entry.validationSchema ?? .null,
        ]
    }
}

extension AnalyticEntry {
    /// The same for a name at every start, on every machine: a version 8 UUID (RFC 9562 §5.8) over two FNV-1a hashes.
    var id: UUID {
        var bytes: [UInt8] = []
        for seed in [0xcbf2_9ce4_8422_2325, 0x8422_2325_cbf2_9ce4] as [UInt64] {
            let hash = name.utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
            withUnsafeBytes(of: hash.bigEndian) { bytes.append(contentsOf: $0) }
        }
        bytes[6] = bytes[6] & 0x0f | 0x80
        bytes[8] = bytes[8] & 0x3f | 0x80
        return bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }
}

extension FilterField<AnalyticEntry> {
    fileprivate static var all: [Self] {
        [
            Self("analytic_ids", "id", .isIn, .id), Self("analytic_id__gte", "id", .atLeast, .id),
            Self("analytic_id__lt", "id", .below, .id), Self("names", "name", .isIn, .name(maximumLength: 36)),
            Self("create_time__gte", "create_time", .atLeast, .time),
            Self("create_time__lt", "create_time", .below, .time),
        ]
    }
}
