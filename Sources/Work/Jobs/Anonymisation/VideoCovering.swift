import Covering
import Foundation
import Frames
import JSON
import Media
import ObjectStore
import Recognition
import Records
import Scene
import Store

/// Covers one video, a segment at a time: what the models found in one, and later what was written of it, is stored as a part of the job
/// when it is finished. Whoever begins anew reads the frames of those again and goes on behind them.
///
/// Both ways come to the same bytes: segments have so many frames each, whoever covers them; each is encoded by an encoder of its own; and
/// who is where is reckoned from what was found in all frames, when all are looked at.
struct VideoCovering {
    private static let portion = 1 << 20
    private enum Look: String { case found, written }

    let store: Store
    let workplace: CoverRunner.Workplace
    let coverer: PeopleCoverer
    let job: Job
    let item: JobItem
    let meter: JobMeter
    let path: String
    let container: VideoWriter.Container

    /// - Returns: the whole video.
    /// - Throws: `JobFailure`, `PeopleCoverer.Changed`; `CancellationError`.
    func cover() async throws -> ObjectUpload {
        do {
            let plan = try await plan()
            let covers = coverer.covers(of: try await sightings(in: plan.frameCount(seconds: workplace.segment)))
            let source = try await workplace.open(path)
            defer { source.cancel() }
            try await write(covers, from: source, plan)
            return try await join(plan)
        } catch let failure as any SourceFailure { throw try failure.judged() }
    }
    /// The first picture says what the samples of all mean.
    private func plan() async throws -> SegmentPlan {
        let source = try await workplace.open(path)
        defer { source.cancel() }
        let form = try await source.next()?.picture.planarForm
        return SegmentPlan(
            size: source.properties.size, frameRate: source.properties.frameRate ?? 25, container: container,
            form: form)
    }
    func removeParts() async throws {
        try await remove(try await parts(.found) + parts(.written))
    }

    // MARK: Looking

    /// - Parameter length: of a segment, in frames.
    private func sightings(in length: Int) async throws -> [PeopleCoverer.Sighting] {
        var known: [PeopleCoverer.Sighting] = [], isWhole = false, count = 0
        for part in try await parts(.found) {
            guard let bytes = try await store.bytes(0..<part.size, of: part), let found = FoundPart(bytes) else {
                break
            }
            known += found.sightings
            (isWhole, count) = (found.isLast, count + 1)
        }
        if isWhole { return known }
        try await remove(Array(try await parts(.found).dropFirst(count)))
        let source = try await workplace.open(path)
        defer { source.cancel() }
        var new = FoundPart()
        step(known.count, 0)
        try await coverer.look(at: source, after: known.count) { sighting in
            new.sightings.append(sighting)
            step(known.count + new.sightings.count, 0)
            guard new.sightings.count == length else { return }
            try await keep(new.bytes, .found, count)
            known += new.sightings
            (count, new) = (count + 1, FoundPart())
            await reached(known.count, 0)
        }
        new.isLast = true
        try await keep(new.bytes, .found, count)
        return known + new.sightings
    }

    // MARK: Writing

    private func write(_ covers: [[Cover]], from source: any FrameSource, _ plan: SegmentPlan) async throws {
        let length = plan.frameCount(seconds: workplace.segment)
        var done = try await written(plan)
        guard done * length < covers.count else { return }
        var clock = VideoClock(), index = 0
        var segment: (encoder: SegmentEncoder, upload: ObjectUpload)?
        try await coverer.show(covers, from: source) { frame, _ in
            defer { index += 1 }
            step(covers.count, index + 1)
            guard index >= done * length else { return clock.pass(frame.time.pts) }
            if segment == nil {
                try await store.checkRoom(for: 0, of: job.accountID)
                segment = (try SegmentEncoder(plan, after: clock), store.upload())
            }
            let (encoder, upload) = segment!
            try await upload.append(try encoder.write(frame))
            guard (index + 1) % length == 0 || index + 1 == covers.count else { return }
            try await upload.append(try encoder.finish())
            try await keep(upload, .written, done)
            (done, clock, segment) = (done + 1, encoder.clock, nil)
            await reached(covers.count, index + 1)
        }
    }
    /// How many segments are written. Those of another encoder are worth nothing beside ours.
    private func written(_ plan: SegmentPlan) async throws -> Int {
        let parts = try await parts(.written), head = try plan.head()
        for part in parts {
            guard try await store.bytes(0..<min(head.count, part.size), of: part) != head else { continue }
            try await remove(parts)
            return 0
        }
        return parts.count
    }

    private func join(_ plan: SegmentPlan) async throws -> ObjectUpload {
        try FileManager.default.createDirectory(at: workplace.folder, withIntermediateDirectories: true)
        let place = workplace.folder.appending(path: "cover-\(UUID().wire)").path
        defer { try? FileManager.default.removeItem(atPath: place) }
        let joiner = try SegmentJoiner(plan, path: place, sound: try workplace.openSound(path))
        for part in try await parts(.written) {
            for start in stride(from: 0, to: part.size, by: Self.portion) {
                try Task.checkCancellation()
                let range = start..<min(start + Self.portion, part.size)
                guard let bytes = try await store.bytes(range, of: part) else { throw JobFailure("A part is gone") }
                try joiner.add(bytes)
            }
            try joiner.endSegment()
        }
        try joiner.finish()
        let size = (try? FileManager.default.attributesOfItem(atPath: place)[.size] as? Int) ?? 0
        try await store.checkRoom(for: size, of: job.accountID)
        let upload = store.upload()
        guard let file = FileHandle(forReadingAtPath: place) else { throw JobFailure("The result was not written") }
        defer { try? file.close() }
        while let bytes = try file.read(upToCount: Self.portion), !bytes.isEmpty {
            try Task.checkCancellation()
            try await upload.append(Array(bytes))
        }
        return upload
    }

    // MARK: Parts

    /// Those that follow one another from the first on.
    private func parts(_ look: Look) async throws -> [StoredObject] {
        let prefix = "\(item.number)/\(look.rawValue)/"
        var found: [Int: StoredObject] = [:]
        for object in try await store.objects(ofJob: job.id) {
            guard let name = object.meta[CoverRequest.partKey], name.hasPrefix(prefix),
                let number = Int(name.dropFirst(prefix.count))
            else { continue }
            found[number] = object
        }
        return (0..<found.count).prefix { found[$0] != nil }.compactMap { found[$0] }
    }
    private func keep(_ bytes: [UInt8], _ look: Look, _ number: Int) async throws {
        let upload = store.upload()
        try await upload.append(bytes)
        try await keep(upload, look, number)
    }
    private func keep(_ upload: ObjectUpload, _ look: Look, _ number: Int) async throws {
        try Task.checkCancellation()
        var draft = ObjectDraft(
            accountID: job.accountID, kind: .object, contentType: "application/octet-stream",
            meta: [CoverRequest.partKey: "\(item.number)/\(look.rawValue)/\(number)"], lifetime: .forever)
        draft.jobID = job.id
        _ = try await store.keep(upload, as: draft)
    }
    private func remove(_ parts: [StoredObject]) async throws {
        try await store.removeObjects(ofJob: job.id, parts.map(\.id))
    }

    // MARK: How far it is

    /// Each look is half of it.
    private func weight(_ looked: Int, _ written: Int) -> Int { min(item.weight, (looked + written) / 2) }
    private func step(_ looked: Int, _ written: Int) { meter.set(done: weight(looked, written), of: item.weight) }
    /// For whoever asks after a restart: where work goes on is told by the parts.
    private func reached(_ looked: Int, _ written: Int) async {
        let place: JSONValue = ["looked": .integer(Int64(looked)), "written": .integer(Int64(written))]
        try? await store.record(
            JobOutcome(
                jobID: job.id, number: item.number,
                .reached(checkpoint: JSONText(place), weight: weight(looked, written))))
    }
}

/// What was found in the frames of one segment, as it is stored.
struct FoundPart: Hashable, Sendable {
    var sightings: [PeopleCoverer.Sighting] = []
    /// Whether nothing comes behind it.
    var isLast = false

    init() {}
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        func number() -> Int? {
            guard rest.count >= 8 else { return nil }
            defer { rest = rest.dropFirst(8) }
            return Int(truncatingIfNeeded: rest.prefix(8).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) })
        }
        func value() -> Float? { number().map { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) } }
        guard let last = number() else { return nil }
        isLast = last == 1
        while !rest.isEmpty {
            guard let time = number(), let width = number(), let height = number(), let targets = number() else {
                return nil
            }
            var found: [[Detection]?] = []
            for _ in 0..<max(0, targets) {
                guard let count = number(), count >= -1, count <= rest.count else { return nil }
                guard count >= 0 else {
                    found.append(nil)
                    continue
                }
                var detections: [Detection] = []
                for _ in 0..<count {
                    guard let minX = value(), let minY = value(), let maxX = value(), let maxY = value(),
                        let confidence = value(), let label = number()
                    else { return nil }
                    let box = BoundingBox(minX: minX, minY: minY, maxX: maxX, maxY: maxY)
                    detections.append(Detection(box: box, confidence: confidence, label: label))
                }
                found.append(detections)
            }
            sightings.append(
                PeopleCoverer.Sighting(
                    time: MediaTime(nanoseconds: Int64(time)), size: PixelSize(width: width, height: height),
                    found: found))
        }
    }
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        func add(_ number: Int) { bytes += withUnsafeBytes(of: number.littleEndian, Array.init) }
        func add(_ value: Float) { add(Int(value.bitPattern)) }
        add(isLast ? 1 : 0)
        for sighting in sightings {
            add(Int(sighting.time.nanoseconds))
            add(sighting.size.width)
            add(sighting.size.height)
            add(sighting.found.count)
            for detections in sighting.found {
                // Where nobody looked it is less than nothing.
                add(detections?.count ?? -1)
                for found in detections ?? [] {
                    for value in [found.box.minX, found.box.minY, found.box.maxX, found.box.maxY] { add(value) }
                    add(found.confidence)
                    add(found.label)
                }
            }
        }
        return bytes
    }
}
