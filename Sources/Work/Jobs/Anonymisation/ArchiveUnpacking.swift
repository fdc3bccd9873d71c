import Archives
import Foundation
import JSON
import ObjectStore
import Records
import Scene
import Store

/// Takes an archive that was sent apart: each of its files becomes an item, with its bytes as an object of the job. What is wrong with one
/// of them is its own failure; what is wrong with the archive is the job's.
struct ArchiveUnpacking {
    /// What makes an item of a file, given its name, what it is, and the path of its bytes.
    typealias Draft = (_ name: String, _ file: SentFile, _ path: String) async throws -> JobItemDraft
    /// Bytes between two looks at the room that there is.
    private static let betweenLooks = 16 << 20

    private struct Current {
        let name: String
        var upload: ObjectUpload?
        /// The first bytes.
        var start: [UInt8] = []
        /// Why it comes to nothing.
        var reason: String?
        var nextLook = 0
    }
    private let store: Store
    private let job: Job
    private let draft: Draft
    private var current: Current?
    private var items: [JobItemDraft] = []
    private var usable = 0
    /// Of results, in small letters.
    private var outputs: Set<String> = []

    init(_ store: Store, _ job: Job, draft: @escaping Draft) {
        (self.store, self.job, self.draft) = (store, job, draft)
    }

    /// - Throws: `JobFailure` where nothing of it can be used; then what was taken out is still there.
    mutating func items(of source: any ArchiveSource) async throws -> [JobItemDraft] {
        do {
            while let piece = try await source.next() {
                try Task.checkCancellation()
                switch piece {
                case .file(let file):
                    try await endFile()
                    try await begin(file)
                case .bytes(let bytes): try await take(bytes)
                case .damage(let reason): current?.reason = "The file is damaged in the archive: \(reason)"
                }
            }
            try await endFile()
        } catch ArchiveError.refused(let reason) {
            throw JobFailure(reason)
        } catch let error as ArchiveError {
            try await endAtDamage(error)
        } catch StoreError.quotaExceeded, StoreError.noRoomForObjects, ObjectFileError.noRoom {
            throw JobFailure("There is no room for what the archive holds")
        }
        guard usable > 0 else {
            let first = items.first?.facts["reason"]?.string
            throw JobFailure(
                first.map { "None of the \(items.count) files of the archive can be used; the first: \($0)" }
                    ?? "The archive holds no files")
        }
        return items
    }
    /// What came before is good; that something is missing is told.
    private mutating func endAtDamage(_ error: ArchiveError) async throws {
        guard !items.isEmpty || current != nil else { throw JobFailure("\(error)") }
        try await endFile()
        refuse(CoverRequest(job.parameters).fileName, "The rest of it is missing. \(error)")
    }

    private mutating func begin(_ file: ArchivedFile) async throws {
        guard file.refusal == nil else { return refuse(file.name, file.refusal ?? "") }
        current = Current(name: file.name, upload: store.upload())
        if let ending = CoverRequest.unknownEnding(of: file.name) {
            end("Files of the type \(ending) are not supported")
        }
    }
    /// Nothing more of the file is kept.
    private mutating func end(_ reason: String) {
        current?.reason = reason
        current?.upload = nil
    }

    private mutating func take(_ bytes: [UInt8]) async throws {
        guard let upload = current?.upload else { return }
        if current!.start.count < SentFile.startLength {
            current!.start += bytes.prefix(SentFile.startLength - current!.start.count)
            if case .archive = SentFile(current!.start) { return end("Nesting of archives is not supported") }
        }
        if upload.size >= current!.nextLook {
            current!.nextLook += Self.betweenLooks
            try await store.checkRoom(for: upload.size + bytes.count, of: job.accountID)
        }
        try await upload.append(bytes)
    }

    private mutating func endFile() async throws {
        guard let file = current else { return }
        current = nil
        guard file.reason == nil, let upload = file.upload, upload.size > 0 else {
            return refuse(file.name, file.reason ?? "File is empty")
        }
        var kept = ObjectDraft(
            accountID: job.accountID, kind: .object, contentType: "application/octet-stream",
            meta: [CoverRequest.entryKey: "\(items.count)"], lifetime: .forever)
        kept.jobID = job.id
        let object = try await store.keep(upload, as: kept)
        do {
            var item = try await draft(file.name, SentFile(file.start), store.path(of: object))
            let output = unique(item.facts["output"]?.string ?? file.name)
            let facts: [String: JSONValue] = ["object": .string(object.id.wire), "output": .string(output)]
            item.facts = .object((item.facts.object ?? [:]).merging(facts) { $1 })
            items.append(item)
            usable += 1
        } catch let failure as JobFailure {
            try await store.removeObjects(ofJob: job.id, [object.id])
            refuse(file.name, failure.description)
        }
    }
    private mutating func refuse(_ name: String, _ reason: String) {
        items.append(JobItemDraft(name: name, facts: ["kind": "refused", "reason": .string(reason), "cost": 0]))
    }

    /// A name that no other result has: files of one name, and those whose results would have one, are told apart.
    private mutating func unique(_ output: String) -> String {
        let parts = FileName(output), mark = FileName.resultMark
        var name = output, number = 1
        while !outputs.insert(name.lowercased()).inserted {
            number += 1
            name = "\(parts.stem.dropLast(mark.count)) (\(number))\(mark)\(parts.ending)"
        }
        return name
    }
}
