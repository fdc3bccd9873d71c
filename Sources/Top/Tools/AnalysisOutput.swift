import Analytics
import Foundation
import Frames
import JSON
import Media
import Pipeline
import Records
import Scene

/// Writes what `analyze` was asked to write, frame by frame, and counts for its summary.
actor AnalysisOutput: EventSink, FrameTap {
    private let source: any FrameSource
    private let events, mot, detections: LineFile?
    private let images: ImageFolder?
    private let video: VideoWriter?
    private var why: WhyFile?
    private let annotation: Annotation
    private let onProgress: @Sendable (Analysis.Progress) -> Void
    private let started = ContinuousClock.now
    private var lastProgress: ContinuousClock.Instant?
    private var summary = Analysis.Summary()
    private let streamID = UUID(), accountID = UUID()

    init(
        _ specification: Analysis.Specification, source: any FrameSource, plan: Plan,
        onProgress: @escaping @Sendable (Analysis.Progress) -> Void
    ) throws {
        self.source = source
        annotation = Annotation(regions: plan.regions)
        self.onProgress = onProgress
        events = try specification.eventsFile.map(LineFile.init(path:))
        images = try specification.imageFolder.map(ImageFolder.init(path:))
        mot = try specification.motFile.map(LineFile.init(path:))
        detections = try specification.detectionsFile.map(LineFile.init(path:))
        let (stream, account) = (streamID, accountID)
        why = try specification.whyFile.map { try WhyFile(path: $0, plan: plan, stream: stream, account: account) }
        let properties = source.properties
        video = try specification.annotateFile.map {
            try VideoWriter(path: $0, size: properties.size, frameRate: properties.frameRate ?? 25)
        }
        summary.width = properties.size.width
        summary.height = properties.size.height
        summary.codec = properties.codec
        summary.progress.expectedFrames = properties.frameCount
    }

    func record(_ updates: [AnalyticUpdates]) throws {
        for update in updates.flatMap(\.updates) {
            if update.change == .opened { summary.events[update.event.type, default: 0] += 1 }
            guard update.isReported else { continue }
            try images?.write(update.event.pictures)
            let place = EventPlace(stream: streamID, account: accountID, isStored: false)
            let wire = update.event.wire(at: place) { picture in
                if let images { images.name(of: picture).map { .link($0) } } else { picture.base64 }
            }
            try events?.write(wire.text)
        }
    }

    nonisolated func fail(_ analytic: EventOrigin, _ reason: String) {
        FileHandle.standardError.write(Data("\(analytic.resultName): \(reason)\n".utf8))
    }

    func take(_ frame: Frame, _ results: [AnalyticResult]) throws {
        summary.progress.framesAnalysed += 1
        let headcount = results.headcount
        summary.progress.people = headcount.count
        summary.maximumPeople = max(summary.maximumPeople, headcount.count)
        try detections?.write(Self.line(frame.time, headcount))
        for result in results where result.marking == .tracks { try writeMOT(result.observation) }
        try why?.take(frame, results)
        try video?.write(frame, overlays: annotation.overlays(of: results, on: frame.size))
        report(isLast: false)
    }

    func miss(_ frame: Frame, _ analytic: EventOrigin, _ reason: String) { why?.miss(frame, analytic, reason) }

    func finish() throws -> Analysis.Summary {
        try events?.close()
        try mot?.close()
        try detections?.close()
        try why?.close()
        try video?.finish()
        report(isLast: true)
        let counts = source.statistics
        (summary.packetsCorrupt, summary.packetsLost) = (counts.packetsCorrupt, counts.packetsLost)
        return summary
    }

    /// One row per confirmed track: frame from 1, id, x, y, width, height, confidence (0 where it is a prediction).
    private func writeMOT(_ observation: Observation) throws {
        guard let mot else { return }
        for track in observation.tracks where track.phase == .confirmed {
            let box = track.box
            let numbers = [box.minX, box.minY, box.width, box.height].map { String(format: "%.2f", $0) }
            let confidence = String(format: "%.4f", track.confidence ?? 0)
            try mot.write(
                "\(observation.time.index + 1),\(track.id.rawValue),\(numbers.joined(separator: ",")),\(confidence),1,1"
            )
        }
    }

    /// Everybody counted, with score 0 where the frame does not show the person.
    private static func line(_ time: FrameTime, _ headcount: Headcount) -> String {
        let people = headcount.people.map { person -> JSONValue in
            func pixels(_ value: Float) -> JSONValue { .number((Double(value) * 100).rounded() / 100) }
            let box = person.box
            return [
                "bbox": [
                    "x": pixels(box.minX), "y": pixels(box.minY), "width": pixels(box.width),
                    "height": pixels(box.height),
                ], "score": .number((Double(person.confidence ?? 0) * 10_000).rounded() / 10_000),
            ]
        }
        let line: JSONValue = [
            "frame": .integer(Int64(time.index + 1)),
            "time_offset": .number((time.pts.seconds * 1000).rounded() / 1000),
            "people_count": .integer(Int64(headcount.count)), "detections": .array(people),
        ]
        return line.text
    }

    private func report(isLast: Bool) {
        let now = ContinuousClock.now
        if !isLast, let lastProgress, now - lastProgress < .milliseconds(250) { return }
        lastProgress = now
        summary.progress.framesDecoded = source.statistics.framesDecoded
        summary.progress.elapsed = now - started
        onProgress(summary.progress)
    }
}
