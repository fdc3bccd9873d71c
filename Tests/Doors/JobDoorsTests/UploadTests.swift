import KeepSupport
import DoorSupport
import Foundation
import HTTPEdge
import JSON
import Records
import SQL
import Testing

@testable import JobDoors
@testable import Jobs
@testable import Store

/// Uploads by blocks: up to 4 GiB, in any order, broken off, too late.
struct UploadTests {
    private static let largest = 4_294_967_296

    /// Rows say how large blocks are, so nobody sends four gibibytes.
    @Test(.timeLimit(.minutes(30))) func fourGibibytesAreTakenAndNotOneByteMore() async throws {
        try await withCoverServer(isWorking: false) { server in
            let (id, link) = try await server.begin(["file_size": .integer(Int64(Self.largest))])
            func block(_ number: Int, _ bytes: [UInt8]) async throws -> [String?] {
                let name = Data([0, 0, 0, UInt8(number)]).base64EncodedString()
                return server.error(try await server.put("\(link)&comp=block&blockid=\(name)", bytes))
            }
            for number in 0...40 { #expect(try await block(number, [1]) == ["201", nil]) }
            let objects = try await server.store.store.objects(ofJob: UUID(uuidString: id)!)
            let whole = BlockUpload.longestBlock, rest = Self.largest - 40 * whole - 1
            try await server.store.store.write { connection in
                for (index, object) in objects.enumerated() {
                    try connection.execute(
                        "UPDATE object SET size = ? WHERE id = ?", [index < 40 ? whole : rest, object.id])
                }
            }
            let tooLarge = ["413", "RequestBodyTooLarge"]
            #expect(try await block(41, [1, 2]) == tooLarge)
            #expect(try await block(41, [1]) == ["201", nil])
            #expect(try await block(41, [1, 2]) == tooLarge)
            #expect(try await block(42, [1]) == tooLarge)
            // A block may stand in a list twice.
            let name = Data([0, 0, 0, 0]).base64EncodedString()
            let twice = "<BlockList>\(String(repeating: "<Latest>\(name)</Latest>", count: 41))</BlockList>"
            let commit = try await server.put("\(link)&comp=blocklist", Array(twice.utf8))
            #expect(server.error(commit) == tooLarge)
        }
    }

    @Test(.timeLimit(.minutes(30))) func aWholeFileIsRefusedBeforeItIsRead() async throws {
        try await withCoverServer(isWorking: false) { server in
            let head = ["Content-Length": "0"]
            let reply = try await server.send("PUT", "direct_upload/a.mp4?model=blur", headers: head)
            let link = CoverServer.path(reply.headers["location"] ?? "")
            func firstWords(_ size: Int) async throws -> String {
                try await RawConnection.open(port: server.listener.port) { connection in
                    try await connection.write(
                        "PUT \(link) HTTP/1.1\r\nHost: localhost\r\nx-ms-blob-type: BlockBlob\r\nContent-Length: \(size)\r\n"
                            + "Expect: 100-continue\r\n\r\n")
                    return String(decoding: try await connection.read(through: "\r\n\r\n"), as: UTF8.self)
                }
            }
            #expect(try await firstWords(Self.largest).hasPrefix("HTTP/1.1 100"))
            let refused = try await firstWords(Self.largest + 1)
            #expect(refused.hasPrefix("HTTP/1.1 413") && refused.contains("RequestBodyTooLarge"), "\(refused)")
            let session = try await server.send(
                "POST", "create_upload_session",
                [
                    "file_name": "a.mp4", "file_size": .integer(Int64(Self.largest) + 1),
                    "content_type": "octet-stream",
                    "model": "blur",
                ])
            #expect(session.status == 400)
            #expect(try session.json == ["detail": "file_size must be from 0 to 4294967296 bytes"])
        }
    }

    @Test(.timeLimit(.minutes(30))) func blocksComeInAnyOrderAndNoneIsMissing() async throws {
        try await withCoverServer { server in
            let picture = bitmap(), half = picture.count / 2
            let (id, link) = try await server.begin([
                "file_name": "a.bmp", "file_size": .integer(Int64(picture.count)),
            ])
            let names = ["AAAAAA==", "AAAAAQ=="], target = "\(link)&comp=block&blockid="
            let list = "<BlockList>\(names.map { "<Latest>\($0)</Latest>" }.joined())</BlockList>"
            func commit() async throws -> [String?] {
                server.error(try await server.put("\(link)&comp=blocklist", Array(list.utf8)))
            }
            func blocks() async throws -> Int {
                try await server.store.store.objects(ofJob: UUID(uuidString: id)!).count
            }
            #expect(server.error(try await server.put(target + names[1], Array(picture[half...]))) == ["201", nil])
            #expect(try await commit() == ["400", "InvalidBlockList"])
            // Broken off in the middle: nothing of it is kept.
            try await RawConnection.open(port: server.listener.port) { connection in
                try await connection.write(
                    "PUT \(target)\(names[0]) HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(half)\r\n\r\n")
                try await connection.write(Data(picture[..<100]))
            }
            #expect(try await commit() == ["400", "InvalidBlockList"])
            #expect(try await blocks() == 1)
            #expect(server.error(try await server.put(target + names[0], Array(picture[..<half]))) == ["201", nil])
            #expect(try await commit() == ["201", nil])
            #expect(try await server.approve(id) == 200)
            #expect(try await server.end(of: id)["job_status"] == 100)
        }
    }

    @Test(.timeLimit(.minutes(30))) func aBlockThatComesTwiceAtOnceIsThereOnce() async throws {
        try await withCoverServer(isWorking: false) { server in
            let (id, link) = try await server.begin(["file_size": 4])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for value in 0..<5 {
                    group.addTask {
                        let reply = try await server.put("\(link)&comp=block&blockid=AAAA", [UInt8(value), 1])
                        #expect(reply.status == 201)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await server.store.store.objects(ofJob: UUID(uuidString: id)!).count == 1)
            // Each would have taken room of the others.
            #expect(try await server.put("\(link)&comp=block&blockid=AAAB", [1, 1]).status == 201)
        }
    }

    @Test(.timeLimit(.minutes(30))) func aBlobIsPutTogetherAnewOfItsOwnBlocks() async throws {
        try await withCoverServer(isWorking: false) { server in
            let (id, link) = try await server.begin(["file_size": 8])
            let store = server.store.store, job = UUID(uuidString: id)!
            for (name, value) in [("AAAA", 1), ("AAAB", 2)] {
                let reply = try await server.put("\(link)&comp=block&blockid=\(name)", [UInt8(value), UInt8(value)])
                #expect(reply.status == 201)
            }
            func blob(of list: String) async throws -> [UInt8]? {
                let reply = try await server.put("\(link)&comp=blocklist", Array("<BlockList>\(list)</BlockList>".utf8))
                #expect(server.error(reply) == ["201", nil])
                try await store.move(job, to: .waitingForApproval)
                let objects = try await store.objects(ofJob: job)
                #expect(objects.map { $0.meta["Name"] } == ["upload"])
                return try await store.bytes(0..<objects[0].size, of: objects[0])
            }
            let first = "<Latest>AAAA</Latest><Latest>AAAB</Latest><Latest>AAAA</Latest>"
            #expect(try await blob(of: first) == [1, 1, 2, 2, 1, 1])
            let second = "<Committed>AAAB</Committed><Latest>AAAA</Latest>"
            #expect(try await blob(of: second) == [2, 2, 1, 1])
        }
    }

    @Test(.timeLimit(.minutes(30))) func whatComesTooLateIsRefusedAndGone() async throws {
        try await withCoverServer(isWorking: false) { server in
            let store = server.store.store, account = server.store.account.id
            let request = CoverRequest(
                fileName: "a.bmp", fileSize: 10, wishes: CoverWishes(), configuration: [:], needsNoApproval: false)
            var draft = JobDraft(accountID: account, kind: .anonymisation, parameters: request.parameters)
            draft.state = .waitingForUpload
            let job = try await store.insert(draft, at: .now.addingTimeInterval(-8 * 86_400))
            var block = ObjectDraft(accountID: account, kind: .object, contentType: "a/b", meta: ["Block": "00"])
            block.jobID = job.id
            _ = try await store.keep(store.upload(), as: block)
            let path = StorageDoor.path(AnonymisationDoor.container, job.id.bare, CoverRequest.uploadName)
            let link = try await StorageLink(path, .write, until: .now.addingTimeInterval(-1))
                .signed(by: server.store.identity, for: account)
            for target in ["\(link)&comp=block&blockid=AAAA", "\(link)&comp=blocklist", link] {
                #expect(server.error(try await server.put(target, [1])) == ["403", "AuthenticationFailed"])
            }
            let listed = try await server.listener.send("GET", "\(link)&comp=blocklist&blocklisttype=all")
            #expect(server.error(listed) == ["403", "AuthenticationFailed"])
            let report = try await server.end(of: job.id.wire)
            #expect(report["job_status"] == 200)
            #expect(report["job_status_description"] == "The upload was not completed within 7 days")
            #expect(try await server.approve(job.id.wire) == 202)
            #expect(try await store.objects(ofJob: job.id).isEmpty)
        }
    }
}
