public import Archives
import Covering
public import Foundation
public import Frames
public import Inference
public import JSON
public import Media
import ObjectStore
public import Recognition
public import Records
import Scene
public import Store
public import Tracking

/// Makes people in pictures and videos unrecognisable.
public struct CoverRunner: JobRunner {
    /// What it needs to look at files and to write some.
    public struct Workplace: Sendable {
        /// A folder that is emptied at each start of the daemon.
        public var folder: URL
        /// Opens a video by its path, once for each call.
        public var open: @Sendable (_ path: String) async throws -> any FrameSource
        /// Opens an archive by its path.
        public var openArchive: @Sendable (_ path: String, _ form: ArchiveForm) throws -> any ArchiveSource
        /// Opens the sound of a video by its path; `nil`: it has none.
        public var openSound: @Sendable (_ path: String) throws -> (any SoundSource)?
        /// Of those who are followed for events by a model with these scores.
        public var tracker: @Sendable (ModelCard.Thresholds) -> TrackerConfiguration
        /// How long the segments of videos are about, at the end of which work goes on that was cut off. Seconds.
        public var segment = 10.0
        public init(
            folder: URL, open: @escaping @Sendable (_ path: String) async throws -> any FrameSource,
            openArchive: @escaping @Sendable (_ path: String, _ form: ArchiveForm) throws -> any ArchiveSource,
            openSound: @escaping @Sendable (_ path: String) throws -> (any SoundSource)?,
            tracker: @escaping @Sendable (ModelCard.Thresholds) -> TrackerConfiguration
        ) {
            (self.folder, self.open, self.tracker) = (folder, open, tracker)
            (self.openArchive, self.openSound) = (openArchive, openSound)
        }
    }
    private static let pictureLimit = 256 << 20, pixelLimit = 100_000_000, longestSide = 65_535
    public let kind = JobKind.anonymisation
    public let itemsAtOnce: Int
    /// It ends in `finish`, which takes what was sent away first.
    public let failsWithItsItems = false
    let store: Store
    /// Where a result is found until a time, for those who are told of a job; `nil`: nowhere.
    let links: @Sendable (_ output: String, _ job: Job, _ until: Date) async throws -> String?
    private let looker: PictureLooker
    private let stills: StillOpener
    private let workplace: Workplace
    private let queue = DispatchQueue(label: "jobs.covers", attributes: .concurrent)

    /// - Parameters:
    ///   - places: items at once at most.
    ///   - links: where a result is found until a time, for those who are told of a job; `nil`: nowhere.
    public init(
        store: Store, looker: PictureLooker, stills: StillOpener, workplace: Workplace, places: Int,
        links: @escaping @Sendable (_ output: String, _ job: Job, _ until: Date) async throws -> String? = { _, _, _ in
            nil
        }
    ) {
        (self.store, self.looker, self.stills, self.workplace) = (store, looker, stills, workplace)
        (itemsAtOnce, self.links) = (places, links)
    }

    // MARK: What there is

    public func stateAfterListing(_ job: Job) -> JobState {
        CoverRequest(job.parameters).needsNoApproval ? .queued : .waitingForApproval
    }

    public func list(_ job: Job) async throws -> JSONText? {
        // Of a listing that was cut off, or of what was sent before.
        try await removeObjects(of: job) { $0.meta[CoverRequest.entryKey] != nil }
        let items = try await items(of: job)
        guard try await store.add(items, toJob: job.id) else { throw CancellationError() }
        let cost = items.reduce(0) { $0 + ($1.facts["cost"]?.integer ?? 0) }
        try await charge(Int(cost), of: job)
        return JSONText(["cost": .integer(cost)])
    }
    private func removeObjects(of job: Job, where isUnwanted: (StoredObject) -> Bool) async throws {
        let ids = try await store.objects(ofJob: job.id).filter(isUnwanted).map(\.id)
        try await store.removeObjects(ofJob: job.id, ids)
    }

    private func items(of job: Job) async throws -> [JobItemDraft] {
        let request = CoverRequest(job.parameters)
        guard let object = try await upload(of: job) else { throw JobFailure("What was sent is gone") }
        if let expected = request.fileSize, expected != object.size {
            throw JobFailure("The file has \(object.size) bytes, but file_size is \(expected)")
        }
        let start = try await store.bytes(0..<min(SentFile.startLength, object.size), of: object) ?? []
        let file = SentFile(start), path = store.path(of: object)
        guard case .archive(let form) = file else { return [try await item(request.fileName, file, at: path)] }
        let source: any ArchiveSource
        do { source = try workplace.openArchive(path, form) } catch let error as ArchiveError {
            throw JobFailure("\(error)")
        }
        defer { source.cancel() }
        var unpacking = ArchiveUnpacking(store, job) { try await item($0, $1, at: $2) }
        do { return try await unpacking.items(of: source) } catch let failure as any SourceFailure {
            throw try failure.judged()
        }
    }
    private func item(_ name: String, _ file: SentFile, at path: String) async throws -> JobItemDraft {
        let parts = FileName(name)
        func draft(_ kind: String, _ output: String, cost: Int, weight: Int = 1) -> JobItemDraft {
            let facts: JSONValue = ["kind": .string(kind), "output": .string(output), "cost": .integer(Int64(cost))]
            return JobItemDraft(name: name, facts: facts, weight: weight)
        }
        switch file {
        case .empty: return draft("empty", parts.result([parts.ending]), cost: 0)
        case .image(let form): return draft("image", parts.result(form.endings), cost: 1)
        case .archive: throw JobFailure("Nesting of archives is not supported")
        case .video:
            let source: any FrameSource
            do { source = try await workplace.open(path) } catch let failure as any SourceFailure {
                throw try failure.judged("The file is neither an image nor a video that can be read: ")
            }
            defer { source.cancel() }
            let properties = source.properties
            let seconds = properties.duration.map { Int($0.rounded(.up)) } ?? 1
            return draft(
                "video", parts.result(VideoWriter.Container(ending: parts.ending).endings), cost: max(1, seconds),
                weight: max(1, properties.frameCount ?? seconds * 25))
        }
    }
    private func upload(of job: Job) async throws -> StoredObject? {
        try await store.objects(ofJob: job.id).last { $0.meta["Name"] == CoverRequest.uploadName }
    }

    // MARK: One file

    private func sent(_ item: JobItem, of job: Job) async throws -> StoredObject? {
        guard let id = item.facts["object"]?.string.flatMap({ UUID(uuidString: $0) }) else {
            return try await upload(of: job)
        }
        return try await store.object(id: id, kind: .object, account: job.accountID)
    }

    public func run(_ item: JobItem, of job: Job, _ meter: JobMeter) async throws -> JSONText {
        let kind = item.facts["kind"]?.string ?? "", output = item.facts["output"]?.string ?? item.name
        guard kind != "empty" else { throw JobFailure("File is empty") }
        guard kind != "refused" else { throw JobFailure(item.facts["reason"]?.string ?? "The file cannot be used") }
        guard let object = try await sent(item, of: job) else { throw JobFailure("What was sent is gone") }
        let wishes = CoverRequest(job.parameters).wishes
        if kind == "image" {
            let (result, type) = try await cover(imageIn: object, wishes)
            try await keep(result, type, as: output, of: job)
        } else {
            let video = VideoCovering(
                store: store, workplace: workplace, coverer: try await coverer(wishes), job: job, item: item,
                meter: meter, path: store.path(of: object),
                container: VideoWriter.Container(ending: FileName(output).ending))
            // It was kept before by a process that could not say so.
            if try await !store.objects(ofJob: job.id).contains(where: { $0.meta["Name"] == output }) {
                try await keep(try await video.cover(), video.container.contentType, as: output, of: job)
            }
            try await video.removeParts()
        }
        return JSONText(["output_file": .string(output)])
    }
    private func keep(_ result: ObjectUpload, _ type: String, as output: String, of job: Job) async throws {
        try Task.checkCancellation()
        var draft = ObjectDraft(
            accountID: job.accountID, kind: .object, contentType: type, meta: ["Name": output], lifetime: .forever)
        draft.jobID = job.id
        _ = try await store.keep(result, as: draft)
    }

    private func cover(imageIn object: StoredObject, _ wishes: CoverWishes) async throws -> (ObjectUpload, String) {
        guard object.size <= Self.pictureLimit else {
            throw JobFailure("The image has \(object.size) bytes, but at most \(Self.pictureLimit) are read")
        }
        guard let bytes = try await store.bytes(0..<object.size, of: object), let form = PictureFile(bytes) else {
            throw JobFailure("What was sent is gone")
        }
        let still = try await stills.picture(
            of: bytes, StillWishes(maximumPixels: Self.pixelLimit, longestSide: Self.longestSide))
        let frame = PictureLooker.frame(of: still)
        let covered = frame.under(try await coverer(wishes).covers(of: frame))
        let encoded = try await queue.apart { try form.bytes(of: covered.picture, from: bytes) }
        try await store.checkRoom(for: encoded.count, of: object.accountID)
        let upload = store.upload()
        try await upload.append(encoded)
        return (upload, form.contentType)
    }

    private func coverer(_ wishes: CoverWishes) async throws -> PeopleCoverer {
        var targets: [PeopleCoverer.Target] = []
        if wishes.faces {
            let model = try await looker.model(.faces), isShaped = wishes.isShaped
            targets.append(
                target(
                    model, wishes,
                    sureFrom: CoverWishes.confidence(wishes.threshold, sureFrom: model.thresholds.confidence), .ellipse
                ) { isShaped ? $0.ellipseAround : $0.circleAround })
        }
        if wishes.bodies {
            let model = try await looker.model(.people(nil))
            targets.append(target(model, wishes, sureFrom: model.thresholds.confidence, .box, place: \.coverOfBody))
        }
        return PeopleCoverer(targets)
    }
    private func target(
        _ model: LoadedModel, _ wishes: CoverWishes, sureFrom confidence: Float, _ shape: Cover.Shape,
        place: @escaping @Sendable (BoundingBox) -> BoundingBox
    ) -> PeopleCoverer.Target {
        PeopleCoverer.Target(
            model, sureFrom: confidence, tracker: workplace.tracker(model.thresholds), isFollowed: wishes.follows,
            isInTiles: wishes.slices, shape: shape, place: place)
    }

    // MARK: Its end

    /// Takes away what was sent.
    public func finish(_ job: Job) async throws -> JSONText? {
        if job.tally.done == 0 {
            let first = try await store.items(ofJob: job.id, in: .failed, limit: 1).first?.error ?? "There is no file"
            throw JobFailure(
                job.tally.items <= 1
                    ? first : "None of its \(job.tally.items) files could be done; the first: \(first)")
        }
        // Beside what was sent: of two results of one name the process before wrote the first, and was killed before it could say so.
        var names: Set<String> = []
        let unwanted = try await store.objects(ofJob: job.id).reversed().filter { object in
            guard let name = object.meta["Name"], name != CoverRequest.uploadName else { return true }
            return !names.insert(name).inserted
        }
        try await store.removeObjects(ofJob: job.id, unwanted.map(\.id))
        try await settle(job)
        return nil
    }
}

extension SourceFailure {
    /// What a failure to read what was sent is to the job.
    /// - Returns: itself where it is no fault of what was sent, so that it is tried again.
    /// - Throws: `CancellationError` where somebody has told the work to end, which ends what reads.
    func judged(_ words: String = "") throws -> any Error {
        try Task.checkCancellation()
        return isOwnFault ? self : JobFailure("\(words)\(self)")
    }
}

extension VideoWriter.Container {
    var contentType: String {
        switch self {
        case .mp4: "video/mp4"
        case .mov: "video/quicktime"
        case .mkv: "video/x-matroska"
        case .ts: "video/mp2t"
        }
    }
}
