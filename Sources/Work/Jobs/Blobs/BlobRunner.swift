public import Foundation
public import JSON
import Media
import ObjectStore
public import Recognition
public import Records
import Scene
public import Store

/// Says what pictures show that were put behind links. Each upload of a blob is an item of its job, named by its object; the latest counts.
public struct BlobRunner: JobRunner {
    /// What callbacks are told: what `GET` answers, or the labels alone.
    public enum CallbackBody: String, Sendable, CaseIterable { case object, array }

    /// Of one upload, in bytes.
    public static let byteLimit = 15 << 20
    /// How long labels are kept.
    public static let keeping = Duration.seconds(30 * 86_400)
    /// How long a link to upload to is good.
    public static let lifetime: TimeInterval = 300
    /// In the database, of an upload; it goes when it has been looked at.
    public static let keepingOfUploads: TimeInterval = 7 * 86_400
    public static let nameOfUpload = "upload"
    /// How long an upload is waited for.
    public static let patience: TimeInterval = 86_400
    private static let pixelLimit = 100_000_000, sideLimit = 16_384
    /// Of labels, `0...100`.
    private static let leastConfidence = 70.0
    private static let labelLimit = 100

    public let kind = JobKind.blob
    public let itemsAtOnce = 1
    public let failsWithItsItems = false
    private let store: Store
    private let looker: PictureLooker
    private let stills: StillOpener
    private let callbackBody: CallbackBody

    public init(store: Store, looker: PictureLooker, stills: StillOpener, callbackBody: CallbackBody = .object) {
        (self.store, self.looker, self.stills, self.callbackBody) = (store, looker, stills, callbackBody)
    }

    /// What the job of a blob is given.
    public static func parameters(_ callback: Callback) -> JSONValue { ["callback": callback.wire] }

    // MARK: One upload

    public func run(_ item: JobItem, of job: Job, _ meter: JobMeter) async throws -> JSONText {
        if let refusal = item.facts["refusal"]?.string { throw JobFailure(refusal) }
        guard let object = try await store.objects(ofJob: job.id).first(where: { $0.id.wire == item.name }) else {
            throw JobFailure("The upload is gone")
        }
        guard try await store.job(id: job.id)?.tally.items == item.number + 1 else {
            try await store.removeObjects(ofJob: job.id, [object.id])
            throw JobFailure("Another upload has replaced it")
        }
        guard let bytes = try await store.bytes(0..<object.size, of: object) else {
            throw JobFailure("The upload is gone")
        }
        guard Self.isTaken(bytes) else { throw JobFailure("The upload is no JPEG, PNG, WebP, BMP or TIFF picture") }
        let still = try await stills.picture(of: bytes, StillWishes(maximumPixels: Self.pixelLimit))
        guard max(still.size.width, still.size.height) <= Self.sideLimit else {
            throw JobFailure("The picture has a side of more than \(Self.sideLimit) pixels")
        }
        return JSONText(.array(try await labels(of: still).map(\.wire)))
    }

    private func labels(of still: StillPicture) async throws -> [ThingLabel] {
        var labels = try await looker.things(in: still)?.labels(from: Self.leastConfidence) ?? []
        let least = Float(Self.leastConfidence / 100)
        if let person = try await looker.likelyPeople(in: still, from: least).map(\.confidence).max() {
            let found = ThingLabel(
                name: "Person", confidence: min(100, Double(person) * 100), parents: ["Organism", "Living Thing"])
            // The classifier may know of people, too.
            let known = labels.first { $0.name == found.name }
            if known.map({ $0.confidence < found.confidence }) ?? true {
                labels.removeAll { $0.name == found.name }
                labels.insert(found, at: labels.firstIndex { $0.confidence < found.confidence } ?? labels.count)
            }
        }
        return Array(labels.prefix(Self.labelLimit))
    }

    /// Whether bytes begin as a picture does of a form that is labelled.
    static func isTaken(_ bytes: [UInt8]) -> Bool {
        let signatures: [[UInt8]] = [
            [0xff, 0xd8, 0xff], [0x89, 0x50, 0x4e, 0x47], Array("BM".utf8), Array("II*\0".utf8), Array("MM\0*".utf8),
        ]
        if signatures.contains(where: { bytes.starts(with: $0) }) { return true }
        return bytes.starts(with: "RIFF".utf8) && bytes.dropFirst(8).starts(with: "WEBP".utf8)
    }

    // MARK: The end

    public func finish(_ job: Job) async throws -> JSONText? {
        let items = try await store.items(ofJob: job.id, after: job.tally.items - 1001)
        let names = Set(items.map(\.name))
        let uploads = try await store.objects(ofJob: job.id).filter { names.contains($0.id.wire) }
        try await store.removeObjects(ofJob: job.id, uploads.map(\.id))
        guard let latest = items.last else { return nil }
        if let reason = latest.error { throw JobFailure(reason) }
        return latest.result
    }

    /// Labels that are the same as those told before are told once.
    public func reports(of job: Job) async throws -> [JobReport] {
        guard job.state.isFinal, let wire = job.parameters["callback"], let callback = try? Callback(JSONReader(wire))
        else {
            return []
        }
        if job.state == .done, try await store.job(id: job.id)?.result == job.result {
            let before = try await store.items(ofJob: job.id, after: job.tally.items - 3, limit: 1).first
            // A failure was told meanwhile.
            if before?.number != job.tally.items - 2 || before?.error == nil { return [] }
        }
        let status = BlobStatus(job)
        return [JobReport(to: callback, JSONText(callbackBody == .object ? status.wire : status.labels))]
    }
}

extension ThingLabel {
    fileprivate var wire: JSONValue {
        [
            "label": .string(name), "confidence": .number(confidence),
            "parents": .array(parents.map { .string($0) }),
        ]
    }
}
