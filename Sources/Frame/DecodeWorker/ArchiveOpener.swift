public import Archives
import CSandbox
import Dispatch
import Foundation
import Glibc
import Media
import Scene
import Synchronization

/// What a worker is told that takes an archive apart.
struct ArchiveOrder: Codable {
    var form: ArchiveForm
    var limits: ArchiveLimits
    var trap: WorkerTrap?
    static let gifts: [Order.Gift] = [.file]
}

/// Takes archives that strangers send apart, each in a process of its own: that is given the open file and says what it holds, and has no
/// right to write anything anywhere.
public struct ArchiveOpener: Sendable {
    private let launcher: WorkerLauncher
    private let isApart: Bool
    package var trap: WorkerTrap?

    init(_ launcher: WorkerLauncher, isApart: Bool) { (self.launcher, self.isApart) = (launcher, isApart) }

    /// - Throws: `ArchiveError`, `WorkerFailure`.
    public func open(
        _ path: String, _ form: ArchiveForm, limits: ArchiveLimits = ArchiveLimits()
    ) throws -> any ArchiveSource {
        guard isApart else { return try LocalArchive(path: path, form, limits: limits) }
        return try WorkerArchive(path, ArchiveOrder(form: form, limits: limits, trap: trap), launcher)
    }
}

/// An archive that a process apart reads. Dropping the last reference ends it.
private final class WorkerArchive: ArchiveSource {
    /// For which nothing may come of it: of a solid archive much is read for nothing.
    private static let patience: Duration = .seconds(300)

    private let talk: WorkerTalk
    private let queue = DispatchQueue(label: "archive.worker")
    /// How it ended; `nil`: it has not. Touched on the queue only.
    private let end = Mutex<Result<Void, any Error>?>(nil)

    init(_ path: String, _ order: ArchiveOrder, _ launcher: WorkerLauncher) throws {
        guard let file = FileHandle(forReadingAtPath: path) else { throw ArchiveError.damaged("there is no file") }
        defer { try? file.close() }
        talk = try WorkerTalk(.archive(order), file, launcher)
    }

    func cancel() { talk.kill() }

    func next() async throws -> ArchivePiece? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                queue.async { continuation.resume(with: Result { try self.receive() }) }
            }
        } onCancel: {
            cancel()
        }
    }

    private func receive() throws -> ArchivePiece? {
        if let end = end.withLock({ $0 }) {
            try end.get()
            return nil
        }
        do {
            switch try heard() {
            case .piece(let piece): return piece
            case .end(let ending): return try finish(ending.error.map { .failure($0) } ?? .success(()))
            }
        } catch let failure as WorkerFailure {
            FFmpegLog.relay("An archive: \(failure)")
            return try finish(.failure(failure))
        }
    }
    private enum Heard {
        case piece(ArchivePiece)
        case end(ArchiveEnding)
    }
    private func heard() throws(WorkerFailure) -> Heard {
        guard let (word, rest) = try talk.next(within: Self.patience) else { throw talk.failure() }
        switch word {
        case .bytes: return .piece(.bytes(Array(rest)))
        case .damage: return .piece(.damage(String(decoding: rest.prefix(MessageLimit.line), as: UTF8.self)))
        case .file:
            guard let file = try? JSONDecoder().decode(ArchivedFile.self, from: Data(rest)) else {
                throw talk.nonsense()
            }
            return .piece(.file(file))
        case .ended:
            guard let ending = try? JSONDecoder().decode(ArchiveEnding.self, from: Data(rest)) else {
                throw talk.nonsense()
            }
            talk.bury()
            return .end(ending)
        default: throw talk.nonsense()
        }
    }
    private func finish(_ result: Result<Void, any Error>) throws -> ArchivePiece? {
        end.withLock { $0 = result }
        try result.get()
        return nil
    }
}

/// How taking an archive apart ended.
struct ArchiveEnding: Codable {
    var error: ArchiveError?
}
