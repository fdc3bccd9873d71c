import DoorSupport
import Foundation
import JSON
import Records
import Scene
import Store
import Testing

/// `/6/streams/{stream_id}/preview.jpg`.
struct PreviewTests {
    private static func path(_ stream: RegisteredStream, _ query: String = "") -> String {
        "/6/streams/\(stream.id.wire)/preview.jpg\(query)"
    }

    @Test func aStreamThatRunsShowsItsPicture() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            var replies: [Reply] = []
            try await ShownStream(stream, on: server).whileShowing {
                for query in ["", "?width=320", "?width=3840&quality=95", "?quality=1"] {
                    replies.append(try await server.send("GET", Self.path(stream, query)))
                }
                replies.append(
                    try await server.send("GET", Self.path(stream), headers: TestServer.basic(server.advanced)))
            }
            #expect(replies.count == 5)
            for reply in replies {
                #expect(reply.status == 200 && reply.body == Data([1, 2, 3]))
                #expect(reply.headers["content-type"] == "image/jpeg")
                #expect(reply.headers["cache-control"] == "no-store")
                #expect(reply.headers["x-sightline-time-offset"].flatMap { Double($0) } != nil)
                #expect(reply.headers["x-sightline-people-count"] == "0")
            }
        }
    }

    @Test func whoMayNotSeeTheStreamIsToldThatThereIsNone() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream(), id = stream.id.wire
            let reply = try await server.send("GET", Self.path(stream), headers: TestServer.basic(server.stranger))
            try reply.expectError(404, 44001, "Object not found", "Stream with id '\(id)' not found")
        }
    }

    @Test func sizesAndQualitiesThatAreNoneAreRefused() async throws {
        try await withServer { server in
            let stream = try await server.createRunningStream()
            for (query, name) in [
                ("width=31", "width"), ("width=3841", "width"), ("width=640.5", "width"), ("width=", "width"),
                ("quality=0", "quality"), ("quality=96", "quality"), ("quality=good", "quality"),
            ] {
                let reply = try await server.send("GET", Self.path(stream, "?\(query)"))
                try reply.expectError(400, 12012, "Bad/incomplete input data", "Bad query parameters '\(name)'")
            }
        }
    }

    @Test func whereThereIsNoPictureItIsSaidWhy() async throws {
        try await withServer { server in
            let waiting = try await server.createStream()
            try await server.send("GET", Self.path(waiting)).expectError(
                404, 44014, "No picture to show",
                "Stream with id '\(waiting.id.wire)' has no picture to show: "
                    + "its source is not open, or no frame of it was analysed for a while")
            var specification = waiting.specification
            specification.privacy = Privacy(.countsOnly)
            let hidden = try await server.store.createStream(specification, account: server.user.id)
            try await server.send("GET", Self.path(hidden)).expectError(
                404, 44014, "No picture to show",
                "Stream with id '\(hidden.id.wire)' has no picture to show: its privacy is 'counts_only'")
        }
    }
}
