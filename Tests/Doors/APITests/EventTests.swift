import DoorSupport
import Foundation
import JSON
import Records
import Store
import Testing

struct EventTests {
    private static let noon = Date(timeIntervalSince1970: 1_715_418_701.674)
    private static let day = "create_time__gte=2024-05-11T00:00:00Z&create_time__lt=2024-05-12T00:00:00Z"

    private static func ids(_ server: TestServer, _ query: String) async throws -> [String] {
        let reply = try await server.send("GET", "/6/events?\(query)")
        #expect(reply.status == 200, "\(query): \(String(decoding: reply.body, as: UTF8.self))")
        return try reply.json["events"]?.array?.compactMap { $0["event_id"]?.string } ?? []
    }

    @Test func aStoredEventHasAllMembersOfItsForm() async throws {
        try await withServer { server in
            let id = try await server.createEvent(at: Self.noon, to: Self.noon + 2)
            let event = try await server.send("GET", "/6/events/\(id.wire)").json
            let nulls = EventTarget.allCases.map(\.rawValue).filter { event[$0] == .null }
            #expect(Set(event.object?.keys.map { $0 } ?? []) == Set(EventTarget.allCases.map(\.rawValue)))
            #expect(nulls.count == EventTarget.allCases.count - 9)
            #expect(event["event_id"] == .string(id.wire) && event["account_id"] == .string(server.user.id.wire))
            #expect(event["handler_id"] == .string(BuiltInHandler.id(of: server.user.id).wire))
            #expect(event["create_time"] == "2024-05-11T09:11:41.674Z")
            #expect(event["end_time"] == "2024-05-11T09:11:43.674Z")
            #expect(event["external_id"] == "" && event["user_data"] == "" && event["attach_result"] == [])
            #expect(event["location"]?.object?.count == 6)
        }
    }

    @Test func targetsSayWhichMembersAreWanted() async throws {
        try await withServer { server in
            let id = try await server.createEvent(nil, ["source": "gate"])
            let one = try await server.send("GET", "/6/events/\(id.wire)?target=source,event_id")
            #expect(try one.json == ["source": "gate", "event_id": .string(id.wire)])
            let list = try await server.send("GET", "/6/events?target=source")
            #expect(try list.json == ["events": [["source": "gate"]]])
            try await server.send("GET", "/6/events?target=color").expectError(
                400, 12012, "Bad/incomplete input data", "Bad query parameters 'target'")
            #expect(try await server.send("HEAD", "/6/events/\(id.wire)").status == 200)
            #expect(try await server.send("HEAD", "/6/events/\(UUID().wire)").status == 404)
        }
    }

    @Test func anEventThatIsNotThereIsToldByItsCode() async throws {
        try await withServer { server in
            let id = UUID()
            let general = try await server.createGeneralEvent()
            for path in ["/6/events/\(id.wire)", "/6/general/events/\(id.wire)"] {
                try await server.send("GET", path).expectError(
                    404, 23001, "Object not found", "Event with id '\(id.wire)' not found")
            }
            // Each kind is found at its own place alone.
            #expect(try await server.send("GET", "/6/events/\(general.wire)").status == 404)
            #expect(try await server.send("GET", "/6/general/events/\(general.wire)").status == 200)
        }
    }

    @Test func withoutBoundsEventsOfTheLastMonthAreListed() async throws {
        try await withServer { server in
            let recent = try await server.createEvent(at: .now - 29 * 86_400 / 2)
            let old = try await server.createEvent(at: .now - 40 * 86_400)
            let future = try await server.createEvent(at: .now + 3600)
            #expect(try await Self.ids(server, "") == [recent.wire])
            #expect(try await Self.ids(server, "event_ids=\(old.wire)") == [old.wire])
            #expect(
                try await Self.ids(server, "create_time__gte=2020-01-01T00:00:00Z&order=asc")
                    == [old.wire, recent.wire, future.wire])
        }
    }

    @Test func aBoundOfIdsOrdersByThem() async throws {
        try await withServer { server in
            var ids: [String] = []
            for index in 0..<6 { ids.append(try await server.createEvent(at: Self.noon + Double(index)).wire) }
            ids.sort()
            #expect(try await Self.ids(server, "event_id__gte=\(ids[1])&page_size=3") == Array(ids[1...3]))
            #expect(try await Self.ids(server, "event_id__lt=\(ids[4])&order=desc&page_size=2") == [ids[3], ids[2]])
            #expect(try await Self.ids(server, "\(Self.day)&page_size=4&page=2").count == 2)
        }
    }

    @Test func aPlaceIsFoundInABoxAroundIt() async throws {
        try await withServer { server in
            func event(_ longitude: Double, _ latitude: Double) async throws -> String {
                let position: JSONValue = ["longitude": .number(longitude), "latitude": .number(latitude)]
                return try await server.createEvent(nil, ["location": ["geo_position": position]]).wire
            }
            let (near, far) = (try await event(24.118, 56.955), try await event(24.2, 56.955))
            let nowhere = try await server.createEvent().wire
            let origin = "origin_longitude=24.11&origin_latitude=56.95"
            #expect(try await Self.ids(server, origin) == [near])
            #expect(try await Self.ids(server, "\(origin)&longitude_delta=0.1&order=asc") == [near, far])
            #expect(try await Self.ids(server, "origin_longitude=null") == [nowhere])
            for query in [
                "origin_longitude=1", "longitude_delta=91", "\(origin)&latitude_delta=91",
                "origin_latitude=null&latitude_delta=1",
                "origin_latitude=91&origin_longitude=0",
            ] { #expect(try await server.send("GET", "/6/events?\(query)").status == 400, "\(query)") }
        }
    }

    @Test func freePartsAreFilteredByPathOperatorAndType() async throws {
        try await withServer { server in
            let hot = try await server.createEvent(nil, ["meta": ["temp": 36.9, "door": ["state": "open"], "lane": 5]])
            let cold = try await server.createEvent(nil, ["meta": ["temp": -1, "door": ["state": "closed"]]])
            let none = try await server.createEvent()
            for (query, expected) in [
                ("meta.temp__gt:numeric=36.6", [hot]), ("meta.lane:integer=5", [hot]), ("meta.lane=5", [hot]),
                ("meta.door.state__in=open,closed", [cold, hot]), ("meta.door.state__like=lose", [cold]),
                ("meta.door.state__nlike=lose", [hot]), ("meta=null", [none]), ("meta.lane=null", [none, cold]),
                ("meta.lane__neq=null", [hot]), ("meta.temp__lte:integer=-1", [cold]),
                ("meta.temp__nin:integer=-1,3", [hot]),
            ] { #expect(try await Self.ids(server, query) == expected.map(\.wire), "\(query)") }
            for query in [
                "meta.temp__above:numeric=1", "meta.temp:real=1", "meta.temp:integer=a", "meta..a=1", "meta.a b=1",
                "meta.temp__gt=null:integer", "meta=1", "meta.temp__like:integer=1",
            ] {
                let encoded = query.replacing(" ", with: "%20")
                let reply = try await server.send("GET", "/6/events?\(encoded)")
                #expect(reply.status == 400 || query == "meta.temp__gt=null:integer", "\(query)")
            }
            try await server.send("GET", "/6/events?meta.door.state:integer=1").expectError(
                422, 10020, "Database error",
                "SQL request execution failed due to incompatible user-defined filters: "
                    + "cannot cast jsonb string to type integer")
        }
    }

    @Test func generalEventsAreFoundByWhatTheySay() async throws {
        try await withServer { server in
            let stream = UUID()
            let few = try await server.createGeneralEvent(nil, ["people_count": 2, "zone": "hall"], stream: stream)
            let many = try await server.createGeneralEvent(nil, ["people_count": 9])
            let other = try await server.createGeneralEvent(type: "visit")
            _ = try await server.createEvent()
            func ids(_ query: String) async throws -> [String] {
                let reply = try await server.send("GET", "/6/general/events?order=asc&\(query)")
                #expect(reply.status == 200, "\(query)")
                return try reply.json["events"]?.array?.compactMap { $0["event"]?["event_id"]?.string } ?? []
            }
            #expect(try await ids("") == [few.wire, many.wire, other.wire])
            #expect(try await ids("event_type=crowd") == [few.wire, many.wire])
            #expect(try await ids("event.people_count__gte:integer=3") == [many.wire])
            #expect(try await ids("event.people_count=2&event.zone=hall") == [few.wire])
            #expect(try await ids("stream_ids=\(stream.wire)") == [few.wire])
            #expect(
                try await ids("event.people_count__lt:numeric=2.5&create_time__gte=2020-01-01T00:00:00Z")
                    == [few.wire])
            let one = try await server.send("GET", "/6/general/events/\(few.wire)").json
            #expect(one["event_type"] == "crowd" && one["event"]?["people_count"] == 2)
            #expect(
                Set(one.object?.keys.map { $0 } ?? []) == [
                    "event_type", "account_id", "event_create_time", "event_end_time", "event",
                ])
        }
    }

    @Test func everyAccountHasAHandlerOfItsOwn() async throws {
        try await withServer { server in
            let id = BuiltInHandler.id(of: server.user.id).wire
            let handler = try await server.send("GET", "/6/handlers/\(id)").json
            #expect(handler["handler_id"] == .string(id) && handler["account_id"] == .string(server.user.id.wire))
            #expect(handler["handler_type"] == 1 && handler["is_dynamic"] == true && handler["policies"] == .null)
            #expect(try await server.send("HEAD", "/6/handlers/\(id)").status == 200)
            let none = UUID().wire
            try await server.send("GET", "/6/handlers/\(none)").expectError(
                404, 11033, "Object not found", "Handler with id '\(none)' not found")
            #expect(BuiltInHandler.account(of: BuiltInHandler.id(of: server.user.id)) == server.user.id)
        }
    }

    /// Who knows no id yet finds it: each caller that of each account that he sees.
    @Test func handlersAreListedAsFarAsTheCallerSees() async throws {
        try await withServer { server in
            func handlers(_ query: String, of account: Account) async throws -> [String] {
                let reply = try await server.send(
                    "GET", "/6/handlers?\(query)", headers: TestServer.basic(account))
                #expect(reply.status == 200)
                return try reply.json.array?.compactMap { $0["handler_id"]?.string } ?? ["no list"]
            }
            let own = BuiltInHandler.id(of: server.user.id).wire
            let one = try await server.send("GET", "/6/handlers/\(own)").json
            #expect(try await server.send("GET", "/6/handlers").json == [one])
            for query in ["handler_type=1", "is_dynamic=1", "handler_type=1&is_dynamic=0", "description=streams"] {
                #expect(try await handlers(query, of: server.user) == [own], "\(query)")
            }
            for query in ["handler_type=0", "handler_type=2&is_dynamic=1", "is_dynamic=0", "description=x", "page=2"] {
                #expect(try await handlers(query, of: server.user) == [], "\(query)")
            }
            let other = BuiltInHandler.id(of: server.stranger.id).wire
            let all = try await handlers("page_size=1000", of: server.admin)
            #expect(Set(all).isSuperset(of: [own, other]) && Set(all).count == all.count)
            #expect(try await handlers("page_size=1&page=2", of: server.admin) == [all[1]])
            #expect(try await handlers("account_id=\(server.stranger.id.wire)", of: server.admin) == [other])
            #expect(try await handlers("account_id=\(server.stranger.id.wire)", of: server.user) == [own])
            for query in ["page=0", "page_size=1001", "handler_type=3", "is_dynamic=2", "account_id=x"] {
                let name = String(query.prefix { $0 != "=" })
                try await server.send("GET", "/6/handlers?\(query)").expectError(
                    400, 12012, "Bad/incomplete input data", "Bad query parameters '\(name)'")
            }
        }
    }
}
