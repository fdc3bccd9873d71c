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

    private let launcher: WorkerLauncher
    private let channel: Int32
    private let id: Int64
    private let queue = DispatchQueue(label: "archive.worker")
    /// How it ended; `nil`: it has not. Touched on the queue only.
    private let end = Mutex<Result<Void, any Error>?>(nil)
    private let isBuried = Atomic(false)

    init(_ path: String, _ order: ArchiveOrder, _ launcher: WorkerLauncher) throws {
        guard let file = FileHandle(forReadingAtPath: path) else { throw ArchiveError.damaged("there is no file") }
        let (near, far) = try Gifts.channel()
        do {
            defer { close(far) }
            id = try launcher.launch(far)
        } catch {
            close(near)
            throw error
        }
        (channel, self.launcher) = (near, launcher)
        let text = try JSONEncoder().encode(Work.archive(order)), descriptors = [file.fileDescriptor]
        _ = text.withUnsafeBytes { sl_send(near, $0.baseAddress, $0.count, descriptors, 1) }
        try? file.close()
    }
    deinit {
        launcher.kill(id)
        close(channel)
        let (launcher, id) = (launcher, id)
        if !isBuried.load(ordering: .relaxed) { queue.async { _ = launcher.waitForEnd(id, patience: 1) } }
    }

    func cancel() { launcher.kill(id) }

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
        var message = [UInt8](repeating: 0, count: MessageLimit.word)
        let deadline = ContinuousClock.now + Self.patience
        while true {
            let count = sl_receive(channel, &message, message.count, nil, nil, 1000)
            if count == -Int(ETIMEDOUT) {
                if .now < deadline { continue }
                launcher.kill(id)
                return try finish(.failure(WorkerFailure.died(.hang(Self.patience), times: 1)))
            }
            guard count > 0 else { return try finish(nil) }
            let rest = message[1..<count]
            switch Word(rawValue: message[0]) {
            case .bytes: return .bytes(Array(rest))
            case .damage: return .damage(String(decoding: rest.prefix(MessageLimit.line), as: UTF8.self))
            case .file:
                guard let file = try? JSONDecoder().decode(ArchivedFile.self, from: Data(rest)) else {
                    launcher.kill(id)
                    return try finish(.failure(WorkerFailure.died(.nonsense, times: 1)))
                }
                return .file(file)
            case .ended:
                let ending = try? JSONDecoder().decode(ArchiveEnding.self, from: Data(rest))
                return try finish(ending.map { $0.error.map { .failure($0) } ?? .success(()) })
            default: return try finish(nil)
            }
        }
    }
    /// - Parameter said: `nil`: it ended and said nothing.
    private func finish(_ said: Result<Void, any Error>?) throws -> ArchivePiece? {
        let status = launcher.waitForEnd(id, patience: 2)
        isBuried.store(true, ordering: .relaxed)
        let result =
            said
            ?? .failure(
                status == WorkerLauncher.unknownEnd
                    ? WorkerFailure.abandoned : .died(WorkerFailure.Death(status: status), times: 1))
        end.withLock { $0 = result }
        if case .failure(let failure as WorkerFailure) = result { FFmpegLog.relay("An archive: \(failure)") }
        try result.get()
        return nil
    }
}

/// How taking an archive apart ended.
struct ArchiveEnding: Codable {
    var error: ArchiveError?
}
