import CSandbox
import Dispatch
import Foundation
import Glibc
import Media
import Synchronization

/// The talk with a worker that is given one open file and says what is in it. Dropping the last reference ends the worker.
final class WorkerTalk: Sendable {
    private let launcher: WorkerLauncher
    private let channel: Int32
    private let id: Int64
    private let isBuried = Atomic(false)

    /// - Parameter file: whose descriptor goes along as the one gift of `work`.
    /// - Throws: `WorkerFailure`.
    init(_ work: Work, _ file: FileHandle, _ launcher: WorkerLauncher) throws {
        let text = try JSONEncoder().encode(work), descriptors = [file.fileDescriptor]
        let (near, far) = try Gifts.channel()
        do {
            defer { close(far) }
            id = try launcher.launch(far)
        } catch {
            close(near)
            throw error
        }
        (channel, self.launcher) = (near, launcher)
        _ = text.withUnsafeBytes { sl_send(near, $0.baseAddress, $0.count, descriptors, 1) }
    }
    deinit {
        launcher.kill(id)
        close(channel)
        guard !isBuried.load(ordering: .relaxed) else { return }
        let (launcher, id) = (launcher, id)
        DispatchQueue.global().async { _ = launcher.waitForEnd(id, patience: 1) }
    }

    func kill() { launcher.kill(id) }

    /// The next that it says; lines of FFmpeg's log go where those of others go. Blocks; one caller at a time.
    /// - Parameter patience: within which something must come, else the worker is ended.
    /// - Returns: `nil` when it has ended, or said what nobody understands: then `failure` tells how.
    /// - Throws: `WorkerFailure` of one that did not go on.
    func next(within patience: Duration) throws(WorkerFailure) -> (word: Word, rest: ArraySlice<UInt8>)? {
        var message = [UInt8](repeating: 0, count: MessageLimit.word)
        let deadline = ContinuousClock.now + patience
        while true {
            let count = sl_receive(channel, &message, message.count, nil, nil, 1000)
            if count == -Int(ETIMEDOUT), .now < deadline { continue }
            guard count != -Int(ETIMEDOUT), .now < deadline else {
                kill()
                throw .died(.hang(patience), times: 1)
            }
            guard count > 0, let word = Word(rawValue: message[0]) else { return nil }
            guard word == .line else { return (word, message[1..<count]) }
            FFmpegLog.relay(String(decoding: message[1..<count].prefix(MessageLimit.line), as: UTF8.self))
        }
    }

    /// How it ended. Blocks until it has.
    func failure() -> WorkerFailure {
        let status = bury()
        return status == WorkerLauncher.unknownEnd ? .abandoned : .died(WorkerFailure.Death(status: status), times: 1)
    }
    /// Ends one that says what cannot be.
    func nonsense() -> WorkerFailure {
        kill()
        _ = bury()
        return .died(.nonsense, times: 1)
    }
    /// Waits for the end of one that has said all. Blocks.
    @discardableResult
    func bury() -> Int32 {
        let status = launcher.waitForEnd(id, patience: 2)
        isBuried.store(true, ordering: .relaxed)
        return status
    }
}
