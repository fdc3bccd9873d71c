import Analytics
import DecodeWorker
import Foundation
import Frames
import JSON
import Media
import Models
import Recognition
import Scene
public import Setup

/// `sightline analyze` of pictures and of folders of them, no daemon.
public struct PictureAnalysis: Sendable {
    public struct Summary: Sendable {
        public var progress = Analysis.Progress()
        /// Pictures that could not be read.
        public var unreadable = 0
        public var people = 0, faces = 0
        /// Whether faces were looked for.
        public var findsFaces = false

        /// Some lines for a person.
        public var text: String {
            let seconds = max(progress.elapsed.seconds, 1e-9)
            let rate = String(format: "%.1f", Double(progress.framesAnalysed) / seconds)
            var lines = [
                "\(progress.framesAnalysed) pictures in \(String(format: "%.1f", seconds)) s (\(rate) pictures per second)",
                "people: \(people)",
                findsFaces ? "faces: \(faces)" : "faces were not looked for: there is no model",
            ]
            if unreadable > 0 { lines.append("not readable: \(unreadable)") }
            return lines.joined(separator: "\n")
        }
    }

    /// A folder in which there is nothing to look at.
    private struct Empty: Error, CustomStringConvertible {
        let path: String
        var description: String {
            "There are no pictures in \(path): none of its files ends in \(endings.sorted().joined(separator: ", "))."
        }
    }

    /// Pictures of which none could be read.
    private struct NothingRead: Error, CustomStringConvertible {
        let count: Int
        /// The first of them.
        let name, reason: String
        var description: String {
            count == 1
                ? "\(name) could not be read: \(reason)"
                : "None of the \(count) pictures could be read. The first, \(name): \(reason)"
        }
    }

    private let settings: Settings
    private let files: [URL]
    private let base: String
    private let detectionsFile, faceFolder: String?

    /// Paths of what is read: the pictures, and in a folder the folders that they lie in, where a face could take a picture's name.
    public var inputs: [String] {
        let folders = isFolder ? Set(files.map { $0.deletingLastPathComponent().path }) : []
        return files.map(\.path) + folders.sorted()
    }
    private let isFolder: Bool

    private static let endings: Set = ["jpg", "jpeg", "png", "bmp", "tif", "tiff", "ppm", "webp"]

    /// - Parameters:
    ///   - input: a picture, or a folder of some, those in its folders too.
    ///   - detectionsFile: a line for each picture.
    ///   - faceFolder: the aligned faces.
    /// - Returns: `nil` when the input is something else.
    public init?(
        settings: Settings, input: String, detectionsFile: String? = nil, faceFolder: String? = nil
    ) {
        let url = URL(fileURLWithPath: input).standardizedFileURL
        var found: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &found) else { return nil }
        isFolder = found.boolValue
        if isFolder {
            files = Self.pictures(in: url)
            base = url.path.hasSuffix("/") ? url.path : url.path + "/"
        } else {
            guard Self.isPicture(url) else { return nil }
            files = [url]
            base = url.deletingLastPathComponent().path + "/"
        }
        (self.settings, self.detectionsFile, self.faceFolder) = (settings, detectionsFile, faceFolder)
    }
    private static func isPicture(_ file: URL) -> Bool { endings.contains(file.pathExtension.lowercased()) }
    private static func pictures(in folder: URL) -> [URL] {
        let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.isRegularFileKey])
        return (found?.compactMap { $0 as? URL } ?? []).filter(isPicture).sorted { $0.path < $1.path }
    }

    /// Runs through all pictures, or until it is cancelled.
    /// - Parameter onProgress: called after each picture.
    /// - Throws: an error whose description is one sentence for the user.
    public func run(onProgress: @escaping @Sendable (Analysis.Progress) -> Void) async throws -> Summary {
        guard !files.isEmpty else { throw Empty(path: base) }
        FFmpegLog.install(linesPerSecond: 0) { _ in }
        let started = ContinuousClock.now
        let looker = PictureLooker(
            models: ModelLibrary(settings.models), findsFaces: settings.models.findsFaces,
            findsFacePoints: settings.models.findsFacePoints)
        let stills = SourceOpener(settings.media).stills
        let lines = try detectionsFile.map(LineFile.init(path:))
        let faces = try faceFolder.map(ImageFolder.init(path:))
        var summary = Summary()
        (summary.findsFaces, summary.progress.expectedFrames) = (looker.findsFaces, files.count)
        var firstReason: String?
        for file in files {
            if Task.isCancelled { break }
            let findings: Findings?
            do { findings = try await look(at: file, looker, stills) } catch let failure as any SourceFailure {
                findings = nil
                summary.unreadable += 1
                firstReason = firstReason ?? "\(failure)"
                try lines?.write(
                    JSONValue.object(["file": .string(name(of: file)), "error": .string("\(failure)")]).text)
            }
            if let findings {
                summary.people += findings.people.count
                summary.faces += findings.faces.count
                summary.progress.people = findings.people.count
                try lines?.write(line(of: file, findings).text)
                try write(findings, of: file, to: faces)
            }
            summary.progress.framesDecoded += 1
            summary.progress.framesAnalysed += 1
            summary.progress.elapsed = .now - started
            onProgress(summary.progress)
        }
        try lines?.close()
        if let firstReason, summary.unreadable == files.count {
            throw NothingRead(count: files.count, name: name(of: files[0]), reason: firstReason)
        }
        return summary
    }

    private struct Unreadable: SourceFailure {
        let path: String
        let isTransient = false
        var description: String { "\(FileError.cannotRead(path: path))" }
    }
    private struct Findings {
        let still: StillPicture
        let people: [Headcount.Person]
        let faces: [FoundFace]
    }

    private func look(
        at file: URL, _ looker: PictureLooker, _ stills: StillDecoder
    ) async throws -> Findings {
        guard let data = FileManager.default.contents(atPath: file.path) else {
            throw Unreadable(path: file.path)
        }
        let still = try stills.open(
            Array(data), StillWishes(maximumPixels: settings.media.maximumPixels))
        return Findings(
            still: still, people: try await looker.people(in: still).counted,
            faces: looker.findsFaces ? try await looker.faces(in: still) : [])
    }

    private func name(of file: URL) -> String {
        file.path.hasPrefix(base) ? String(file.path.dropFirst(base.count)) : file.path
    }

    private func line(of file: URL, _ findings: Findings) throws -> JSONValue {
        [
            "file": .string(name(of: file)), "width": .integer(Int64(findings.still.size.width)),
            "height": .integer(Int64(findings.still.size.height)),
            "people_count": .integer(Int64(findings.people.count)),
            "detections": .array(
                findings.people.map { person in
                    .object(Self.place(Detection(box: person.box, confidence: person.confidence ?? 0)))
                }),
            "faces": .array(
                try findings.faces.enumerated().map { number, face in
                    var members = try members(of: face, in: findings.still)
                    if faceFolder != nil { members["image"] = .string(name(ofFace: number, of: file)) }
                    return .object(members)
                }),
        ]
    }
    private static func place(_ detection: Detection) -> [String: JSONValue] {
        let (rect, score) = JSONValue.rectAndScore(detection)
        return ["bbox": rect, "score": score]
    }
    private func members(of face: FoundFace, in still: StillPicture) throws -> [String: JSONValue] {
        var members = Self.place(face.detection)
        members["landmarks5"] = face.detection.landmarks.map { .coordinates($0.points) }
        members["head_pose"] = face.pose.map { JSONValue($0) }
        if let pose = face.pose, let quality = try face.quality(in: still) {
            members["ags"] = .number((FaceQuality(quality, pose: pose).ags * 10_000).rounded() / 10_000)
        }
        return members
    }

    /// The file of a face of `lobby.jpg`: `lobby.jpg-1.jpg`, `lobby.jpg-2.jpg` and so on, so that `lobby.png` has others.
    private func name(ofFace number: Int, of file: URL) -> String {
        "\(name(of: file).replacing("/", with: "-"))-\(number + 1).jpg"
    }
    private func write(_ findings: Findings, of file: URL, to folder: ImageFolder?) throws {
        guard let folder else { return }
        for (number, face) in findings.faces.enumerated() {
            let policy = SnapshotPolicy(mediaType: .jpeg, quality: 0.95, maximumSize: 0)
            if let sample = try face.sample(in: findings.still, policy) {
                try folder.write(try sample.bytes, as: name(ofFace: number, of: file))
            }
        }
    }
}
