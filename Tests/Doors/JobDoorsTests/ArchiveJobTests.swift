import KeepSupport
import DoorSupport
import Foundation
import JSON
import Records
import Store
import TestSupport
import Testing

@testable import JobDoors

/// Archives of files in which people are made unrecognisable.
struct ArchiveJobTests {
    private static func send(
        _ zip: [UInt8], to server: CoverServer
    ) async throws -> (id: UUID, code: Int, report: JSONValue) {
        let (id, link) = try await server.begin([
            "file_name": "holiday.zip", "file_size": .integer(Int64(zip.count)),
        ])
        try await server.upload(zip, to: link, block: 1 << 20)
        return (UUID(uuidString: id)!, try await server.approve(id), try await server.end(of: id))
    }

    @Test(.timeLimit(.minutes(30))) func eachFileOfAnArchiveIsATask() async throws {
        try await withCoverServer { server in
            let picture = bitmap()
            var damaged = ZIPFile.Entry("damaged.bmp", picture)
            damaged.isDamaged = true
            let zip = ZIPFile([
                ZIPFile.Entry("Tür 1.bmp", picture), ZIPFile.Entry("Tür 1.bmp", picture, isDeflated: true),
                ZIPFile.Entry("folder/a.bmp", picture), damaged, ZIPFile.Entry("a.txt", Array("text".utf8)),
                ZIPFile.Entry("inner", ZIPFile([]).bytes), ZIPFile.Entry("../up.bmp", picture),
                ZIPFile.Entry("noise", Array("nothing of the kind".utf8)), ZIPFile.Entry("empty.bmp", []),
                ZIPFile.Entry(".DS_Store", [1]), ZIPFile.Entry("cut.bmp", Array(picture.prefix(2000))),
            ]).bytes
            let (id, code, report) = try await Self.send(zip, to: server)
            #expect(code == 200 && report["job_status"] == 100 && report["job_total_credit_cost"] == 2)
            #expect(report["job_status_description"] == "Completed, 8 of 10 files failed")
            let tasks = report["tasks"]?.array ?? []
            #expect(
                tasks.prefix(2).map { $0["output_file"] } == [
                    "Tür 1_anonymized.bmp", "Tür 1 (2)_anonymized.bmp",
                ])
            let first = try await server.listener.send(
                "GET", CoverServer.path(tasks[0]["download_link"]?.string ?? ""))
            let second = try await server.listener.send(
                "GET", CoverServer.path(tasks[1]["download_link"]?.string ?? ""))
            #expect(first.status == 200 && first.body.count == picture.count && first.body != Data(picture))
            #expect(second.body == first.body)
            let told = tasks.dropFirst(2).map { task in
                "\(task["input_file"]?.string ?? ""): \(task["task_status_description"]?.string ?? "")"
            }
            for (line, beginning) in pairs(
                told,
                [
                    "folder/a.bmp: Files must be on the root level of the archive",
                    "damaged.bmp: The file is damaged in the archive: ",
                    "a.txt: Files of the type .txt are not supported", "inner: Nesting of archives is not supported",
                    "../up.bmp: Names with .. are not supported",
                    "noise: The file is neither an image nor a video that can be read", "empty.bmp: File is empty",
                    "cut.bmp: ",
                ])
            { #expect(line.hasPrefix(beginning)) }
            #expect(tasks.dropFirst(2).allSatisfy { $0["task_status"] == 200 && $0["download_link"] == .null })
            // What was sent, and what was taken out of it, is gone.
            #expect(try await server.store.store.objects(ofJob: id).count == 2)
        }
    }

    @Test(.timeLimit(.minutes(30))) func anArchiveOfWhichNothingCanBeUsedFailsAndLeavesNothing() async throws {
        try await withCoverServer { server in
            let zeros = ZIPFile.Entry("zeros.bmp", [UInt8](repeating: 0, count: 4 << 20), isDeflated: true)
            let bombs: [([UInt8], String)] = [
                (
                    ZIPFile([ZIPFile.Entry("good.bmp", bitmap()), zeros]).bytes,
                    "The archive holds more than 200 times the bytes that it has"
                ),
                (
                    ZIPFile([ZIPFile.Entry("/a.bmp", bitmap()), ZIPFile.Entry("b/c.bmp", [1])]).bytes,
                    "None of the 2 files of the archive can be used; the first: Absolute names are not supported"
                ), (ZIPFile([]).bytes, "The archive holds no files"),
            ]
            for (zip, reason) in bombs {
                let (id, code, report) = try await Self.send(zip, to: server)
                #expect(code == 202 && report["job_status"] == 200)
                #expect(report["job_status_description"] == .string(reason))
                #expect(try await server.store.store.objects(ofJob: id).isEmpty)
            }
            // Half of one: what is whole is done, and that the rest is missing is told.
            let half = ZIPFile([ZIPFile.Entry("a.bmp", bitmap()), ZIPFile.Entry("b.bmp", bitmap())]).bytes
            let (_, _, report) = try await Self.send(Array(half.prefix(half.count * 3 / 5)), to: server)
            #expect(report["job_status"] == 100)
            let states = (report["tasks"]?.array ?? []).map { $0["task_status"] }
            #expect(states.first == 100 && states.count > 1 && states.dropFirst().allSatisfy { $0 == 200 })
        }
    }

    /// The engine ends and another goes on: what was done stays as it is, and each file is done once.
    @Test(.timeLimit(.minutes(30))) func anArchiveGoesOnAtTheFileWhereItWas() async throws {
        try await withCoverServer(isWorking: false) { server in
            let pictures = (0..<30).map { ZIPFile.Entry("\($0).bmp", bitmap()) }
            let zip = ZIPFile(pictures).bytes
            let (name, link) = try await server.begin([
                "file_name": "holiday.zip", "file_size": .integer(Int64(zip.count)),
            ])
            let id = UUID(uuidString: name)!, store = server.store.store
            try await server.upload(zip, to: link, block: 1 << 20)
            // Cut off while it is being taken apart, and begun anew.
            try await server.work {
                while try await store.objects(ofJob: id).count < 3 { try await Task.sleep(for: .milliseconds(5)) }
            }
            try await server.work {
                let status = try await server.approve(name)
                #expect(status == 200)
            }
            try await server.work {
                while try await store.job(id: id)!.tally.done < 3 { try await Task.sleep(for: .milliseconds(5)) }
            }
            let before = try await store.items(ofJob: id, in: .done)
            try await server.work {
                let end = try await server.end(of: name)
                #expect(end["job_status"] == 100)
            }
            let after = try await store.items(ofJob: id)
            #expect(after.count == 30 && after.allSatisfy { $0.state == .done })
            #expect(before == Array(after.filter { item in before.contains { $0.number == item.number } }))
            #expect(try await store.objects(ofJob: id).count == 30)
        }
    }
}

private func pairs<A, B>(_ a: [A], _ b: [B]) -> [(A, B)] {
    #expect(a.count == b.count)
    return Array(zip(a, b))
}
