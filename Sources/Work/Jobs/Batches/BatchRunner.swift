public import Foundation
public import JSON
import Media
public import Notifications
import ObjectStore
public import Recognition
public import Records
import Scene
public import Store

/// Looks for people in the pictures of a batch, and writes the file of its results.
public struct BatchRunner: JobRunner {
    /// How a picture's failure is called in the results.
    public enum Failure: String, Sendable {
        case access = "Failure image access"
        case inference = "Failure TF inference"
    }
    /// Of those who are listed, by what they are as likely as not.
    static let leastConfidence: Float = 0.1
    private static let listLimit = 256 << 20, pictureLimit = 64 << 20, pixelLimit = 100_000_000

    public let kind = JobKind.cameraTrap
    public let itemsAtOnce: Int
    public let failsWithItsItems = false
    private let store: Store
    private let looker: PictureLooker
    private let stills: StillOpener
    private let downloader: Downloader
    private let containers: PictureContainers
    private let configuration: BatchConfiguration
    private let detector: String

    /// - Parameters:
    ///   - mediaRoots: folders below which `file://` containers may lie.
    ///   - detector: the model's name, for the results.
    ///   - places: items at once at most.
    public init(
        store: Store, looker: PictureLooker, stills: StillOpener, downloader: Downloader, mediaRoots: [URL],
        detector: String, places: Int, configuration: BatchConfiguration = .init()
    ) {
        (self.store, self.looker, self.stills, self.downloader) = (store, looker, stills, downloader)
        (self.configuration, self.detector, itemsAtOnce) = (configuration, detector, places)
        containers = PictureContainers(downloader: downloader, mediaRoots: mediaRoots)
    }

    // MARK: What there is

    /// What is said when there is nothing to look at.
    static let emptyList = "0 images found in provided list of images."
    static let nothingLeft =
        "Zero images found in container or in provided list of images after filtering with the provided parameters."

    public func list(_ job: Job) async throws -> JSONText? {
        let request = BatchRequest(job.parameters)
        var list = PictureList(request, limit: configuration.pictureLimit)
        do {
            if let address = request.list {
                let bytes = try await downloader.get(address, limit: Self.listLimit, within: .seconds(600)).bytes
                try PictureList.read(bytes) { list.add($0) }
            } else if let address = request.container {
                try await containers.container(at: address).list(request.prefix) { names in
                    for name in names { list.add(ListedPicture(locator: name, meta: nil)) }
                    try list.check()
                }
            }
        } catch let failure as FetchFailure {
            throw JobFailure.preparing(failure.description)
        }
        let chosen = try list.chosen()
        guard !chosen.isEmpty else {
            return JSONText(.string(request.list != nil && list.count == 0 ? Self.emptyList : Self.nothingLeft))
        }
        var known: [String: Int] = [:]
        if let previous = request.previous { known = try await done(in: previous) }
        for start in stride(from: 0, to: chosen.count, by: 10_000) {
            let items = chosen[start..<min(start + 10_000, chosen.count)].map {
                JobItemDraft(name: $0.locator, facts: BatchFacts(meta: $0.meta, known: known[$0.locator]).json)
            }
            guard try await store.add(items, toJob: job.id) else { throw CancellationError() }
        }
        return nil
    }

    /// The numbers of those pictures of a batch in which was looked, by their locators. None of one that is forgotten.
    private func done(in batch: UUID) async throws -> [String: Int] {
        var numbers: [String: Int] = [:], last = -1
        while true {
            let items = try await store.items(ofJob: batch, after: last, in: .done)
            guard let end = items.last else { return numbers }
            last = end.number
            for item in items { numbers[item.name] = item.number }
        }
    }

    // MARK: One picture

    public func run(_ item: JobItem, of job: Job, _ meter: JobMeter) async throws -> JSONText {
        let request = BatchRequest(job.parameters)
        if let previous = request.previous, let number = BatchFacts(item.facts).known,
            let before = try await store.items(ofJob: previous, after: number - 1, limit: 1).first,
            before.number == number, before.name == item.name, let result = before.result
        {
            return result
        }
        let bytes: [UInt8]
        do {
            if request.usesURLs {
                bytes = try await downloader.get(item.name, limit: Self.pictureLimit).bytes
            } else {
                let container = try containers.container(at: request.container ?? "")
                bytes = try await container.bytes(of: item.name, limit: Self.pictureLimit)
            }
        } catch let failure as FetchFailure {
            throw JobFailure(failure.description)
        }
        let still = try await stills.picture(of: bytes, StillWishes(maximumPixels: Self.pixelLimit))
        let model = request.modelVersion.flatMap(DetectorModel.init(rawValue:))
        do {
            let people = try await looker.likelyPeople(in: still, with: model, from: Self.leastConfidence)
            return Self.text(people, in: still.size)
        } catch let error where !(error is CancellationError) {
            throw JobFailure("\(Failure.inference.rawValue): \(error)")
        }
    }

    /// The detections of a picture as they stand in the results: `[{"category", "conf", "bbox"}]`. Confidences are written with a point,
    /// since readers check that they are no integers.
    static func text(_ people: [Detection], in size: PixelSize) -> JSONText {
        let detections = people.map { person in
            let box = [
                person.box.minX / Float(size.width), person.box.minY / Float(size.height),
                person.box.width / Float(size.width), person.box.height / Float(size.height),
            ].map { decimal(truncated(Double(min(max($0, 0), 1)), to: 4)) }
            let confidence = decimal(truncated(Double(person.confidence), to: 3))
            return #"{"category":"2","conf":\#(confidence),"bbox":[\#(box.joined(separator: ","))]}"#
        }
        return JSONText(written: "[\(detections.joined(separator: ","))]")
    }
    /// Cut off after so many digits that count.
    static func truncated(_ value: Double, to digits: Int) -> Double {
        guard value > 0 else { return 0 }
        let scale = pow(10, Double(digits - 1) - floor(log10(value)))
        // Single precision knows no more.
        return floor(value * scale + 1e-3) / scale
    }
    /// With a point.
    private static func decimal(_ value: Double) -> String {
        let text = "\(value)"
        return text.contains("e") ? String(format: "%.7f", value) : text
    }

    // MARK: The results

    /// The file is kept as an object of the job.
    public func finish(_ job: Job) async throws -> JSONText? {
        guard job.tally.items > 0 else { return nil }
        let request = BatchRequest(job.parameters)
        // Of a process that was killed when it had made it and not yet said so.
        try await store.removeObjects(ofJob: job.id)
        let file = BatchResultFile(store: store, job: job, detector: detector), upload = store.upload()
        try await file.write { try await upload.append($0) }
        let name = file.name(request.name, at: .now)
        var draft = ObjectDraft(
            accountID: job.accountID, kind: .object, contentType: "application/json", meta: ["Name": name])
        draft.jobID = job.id
        draft.expiry = Date.now.addingTimeInterval(BatchConfiguration.keeping / .seconds(1))
        _ = try await store.keep(upload, as: draft)
        return JSONText(["detections": .string(name)])
    }
}

/// Limits of batches.
public struct BatchConfiguration: Hashable, Sendable {
    /// Pictures of one batch at most.
    public var pictureLimit = 4_000_000
    /// For which results are kept.
    public static let keeping = Duration.seconds(180 * 86_400)
    public init() {}
}
