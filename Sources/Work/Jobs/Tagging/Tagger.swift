import Dispatch
public import Foundation
public import Frames
import Media
public import Recognition
import Records
import Scene

/// What a picture or a video shows.
public enum Tags: Hashable, Sendable {
    public struct Class: Hashable, Sendable {
        public let name: String
        /// `0...1`.
        public let probability: Double
    }
    /// The likeliest first.
    case classes([Class])
    /// How many there are of what is found one by one.
    case counts([String: Int])
}

/// Says what pictures and videos show that somebody sent, while he waits.
public struct Tagger: Sendable {
    public enum Form: Hashable, Sendable {
        /// - Parameter count: so many at most.
        case classes(count: Int)
        case counts
    }
    public enum Medium: Sendable { case picture, video }

    /// Of those who are counted, by what they are as likely as not.
    private static let leastConfidence: Float = 0.5
    private static let pixelLimit = 100_000_000
    /// Frames of a video at most, one a second.
    private static let frameLimit = 60

    private let looker: PictureLooker
    private let stills: StillOpener
    private let videos: any FrameSourceOpener
    private let folder: URL

    /// - Parameters:
    ///   - videos: opens files below `folder`.
    ///   - folder: where videos lie while they are looked at. Made when it is absent.
    public init(looker: PictureLooker, stills: StillOpener, videos: any FrameSourceOpener, folder: URL) {
        (self.looker, self.stills, self.videos, self.folder) = (looker, stills, videos, folder)
    }

    /// Whether there is a model for classes.
    public var namesClasses: Bool { looker.namesThings }

    /// Of a video, classes by their mean over its frames, counts by the most of any.
    /// - Throws: `JobFailure` for what is no whole picture, or no video.
    public func tags(of bytes: [UInt8], _ medium: Medium, _ form: Form) async throws -> Tags {
        var seen = Seen()
        switch medium {
        case .picture:
            let still = try await stills.picture(of: bytes, StillWishes(maximumPixels: Self.pixelLimit))
            try await look(at: still, form, &seen)
        case .video: try await lookThrough(bytes, form, &seen)
        }
        return seen.tags(form)
    }

    private func look(at still: StillPicture, _ form: Form, _ seen: inout Seen) async throws {
        switch form {
        case .classes:
            guard let things = try await looker.things(in: still) else {
                throw JobFailure("There is no model that names what a picture shows")
            }
            seen.add(things)
        case .counts:
            let people = try await looker.likelyPeople(in: still, from: Self.leastConfidence)
            seen.people = max(seen.people, people.count)
        }
    }

    private func lookThrough(_ bytes: [UInt8], _ form: Form, _ seen: inout Seen) async throws {
        let file = folder.appending(path: UUID().uuidString)
        try await write(bytes, to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        do {
            let source = try await videos.open(.init(kind: .file, reference: file.path), rates: [.seconds(1)])
            defer { source.cancel() }
            while seen.frames < Self.frameLimit, let frame = try await source.next() {
                try Task.checkCancellation()
                try await look(at: StillPicture(picture: frame.picture, size: frame.size, exif: nil), form, &seen)
                seen.frames += 1
            }
        } catch let failure as any SourceFailure {
            // What was seen before its end was cut off counts.
            if seen.frames == 0 { throw JobFailure("\(failure)") }
        }
        if seen.frames == 0 { throw JobFailure("The video has no pictures") }
    }
    private func write(_ bytes: [UInt8], to file: URL) async throws {
        try await DispatchQueue.global().apart { [folder] in
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(bytes).write(to: file)
        }
    }

    /// What one document showed so far.
    private struct Seen {
        var frames = 0
        var people = 0
        private var sums: [Float] = []
        private var looks = 0
        private var latest: SeenThings?

        mutating func add(_ things: SeenThings) {
            sums = sums.isEmpty ? things.probabilities : zip(sums, things.probabilities).map(+)
            (looks, latest) = (looks + 1, things)
        }
        func tags(_ form: Form) -> Tags {
            switch form {
            case .classes(let count):
                guard let latest else { return .classes([]) }
                let mean = SeenThings(probabilities: sums.map { $0 / Float(looks) }, taxonomy: latest.taxonomy)
                return .classes(
                    mean.classes(count).map { Tags.Class(name: $0.name, probability: Double($0.probability)) })
            case .counts: return .counts(people > 0 ? ["person": people] : [:])
            }
        }
    }
}
