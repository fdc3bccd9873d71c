import CSandbox
import Foundation
import Frames
import Glibc
public import Media
import Scene

/// What a worker is told that decodes one picture.
struct StillOrder: Codable {
    /// Of the picture as it was sent; what the memory for its JPEG or for its pixels may hold.
    var byteCount, room: Int
    var maximumPixels: Int
    /// How its pixels are wanted; `nil`: they are not.
    var wishes: StillWishes?
    var gifts: [Order.Gift]
    var trap: WorkerTrap?
}

/// What it says of it.
struct StillEnding: Codable {
    var size: PixelSize?
    var contentType = ""
    /// Bytes of the JPEG that was made of it; `nil`: none was needed.
    var jpeg: Int?
    /// What lies in the memory for its pixels.
    var sheet: StillSheet?
    var error: MediaError?
}

/// Decodes single pictures that strangers send, each in a process of its own that is gone with it: starting one takes about a
/// millisecond, and so no picture sees another.
public struct StillDecoder: Sendable {
    private let launcher: WorkerLauncher
    private let isApart: Bool
    package var trap: WorkerTrap?
    /// No picture takes longer.
    package var patience: Duration = .seconds(30)

    init(_ launcher: WorkerLauncher, isApart: Bool) { (self.launcher, self.isApart) = (launcher, isApart) }

    /// Blocks.
    /// - Throws: a `SourceFailure`: `MediaError` for what is no whole picture in one of the forms that we read or has too many
    ///   pixels, `WorkerFailure` for what ends its decoder.
    public func decode(_ bytes: [UInt8], maximumPixels: Int) throws -> StillImage {
        guard isApart else { return try StillWork.decode(bytes, maximumPixels: maximumPixels) }
        return try relaying {
            let output = try SharedMemory("jpeg", byteCount: maximumPixels * 3 + (1 << 20))
            let said = try order(bytes, maximumPixels: maximumPixels, nil, output)
            return try image(said, output, maximumPixels: maximumPixels)
        }
    }

    /// Decodes a picture that is to be looked at. Blocks; throws the same.
    public func open(_ bytes: [UInt8], _ wishes: StillWishes) throws -> StillPicture {
        guard isApart else { return try StillWork.open(bytes, wishes) }
        return try relaying {
            let output = try SharedMemory("pixels", byteCount: wishes.roomForPixels)
            let said = try order(bytes, maximumPixels: wishes.maximumPixels, wishes, output)
            let view = MappedMemory(try output.map(isWritable: false))
            guard let picture = said.sheet?.picture(in: view.memory, wishes, release: { view.keep() }) else {
                throw WorkerFailure.died(.nonsense, times: 1)
            }
            return picture
        }
    }

    private func relaying<R>(_ body: () throws -> R) throws -> R {
        do { return try body() } catch let failure as WorkerFailure {
            FFmpegLog.relay("A picture: \(failure)")
            throw failure
        }
    }

    /// Has a process look at the picture, which may write to `output`.
    private func order(
        _ bytes: [UInt8], maximumPixels: Int, _ wishes: StillWishes?, _ output: borrowing SharedMemory
    ) throws -> StillEnding {
        guard !bytes.isEmpty else { throw MediaError.notPicture }
        let input = try SharedMemory("picture", byteCount: bytes.count)
        let sent = try input.map(isWritable: true)
        bytes.withUnsafeBytes { sent.copyMemory(from: $0) }
        SharedMemory.unmap(sent)
        let (channel, far) = try Gifts.channel()
        defer { close(channel) }
        let id: Int64
        do {
            defer { close(far) }
            id = try launcher.launch(far)
        }
        let order = Work.still(
            StillOrder(
                byteCount: input.byteCount, room: output.byteCount, maximumPixels: maximumPixels, wishes: wishes,
                gifts: [.file, .pictures], trap: trap))
        let text = try JSONEncoder().encode(order), descriptors = [input.descriptor, output.descriptor]
        _ = text.withUnsafeBytes { sl_send(channel, $0.baseAddress, $0.count, descriptors, 2) }
        let ending = listen(to: channel, id)
        let status = launcher.waitForEnd(id, patience: 2)
        switch ending {
        case .said(let said):
            if let error = said.error { throw error.believable }
            return said
        case .late: throw WorkerFailure.died(.hang(patience), times: 1)
        case .silent where status == WorkerLauncher.unknownEnd: throw WorkerFailure.abandoned
        case .silent: throw WorkerFailure.died(WorkerFailure.Death(status: status), times: 1)
        }
    }

    private func image(
        _ said: StillEnding, _ output: borrowing SharedMemory, maximumPixels: Int
    ) throws -> StillImage {
        guard let size = said.size, size.width > 0, size.height > 0, size.width <= maximumPixels,
            size.height <= maximumPixels, size.width * size.height <= maximumPixels,
            ["image/jpeg", "image/png"].contains(said.contentType)
        else { throw WorkerFailure.died(.nonsense, times: 1) }
        guard let count = said.jpeg else {
            return StillImage(size: size, contentType: said.contentType, converted: nil)
        }
        guard (0...output.byteCount).contains(count) else { throw WorkerFailure.died(.nonsense, times: 1) }
        let jpeg = try output.map(isWritable: false)
        defer { SharedMemory.unmap(jpeg) }
        return StillImage(size: size, contentType: said.contentType, converted: Array(jpeg[..<count]))
    }

    private enum End {
        case said(StillEnding)
        /// It ended, and said nothing that is understood.
        case silent
        /// It took too long, and was ended.
        case late
    }
    private func listen(to channel: Int32, _ id: Int64) -> End {
        var message = [UInt8](repeating: 0, count: MessageLimit.word)
        let deadline = ContinuousClock.now + patience
        while true {
            let count = sl_receive(channel, &message, message.count, nil, nil, 1000)
            // Also of one that never stops talking.
            guard .now < deadline else {
                launcher.kill(id)
                return .late
            }
            if count == -Int(ETIMEDOUT) { continue }
            guard count > 0 else { return .silent }
            let rest = message[1..<count]
            switch Word(rawValue: message[0]) {
            case .line: FFmpegLog.relay(String(decoding: rest.prefix(MessageLimit.line), as: UTF8.self))
            case .ended:
                let ending = try? JSONDecoder().decode(StillEnding.self, from: Data(rest))
                return ending.map(End.said) ?? .silent
            default: return .silent
            }
        }
    }
}

/// Shown in this process until the last holder lets it go.
///
/// `@unchecked Sendable` holds because it is only read.
private final class MappedMemory: @unchecked Sendable {
    let memory: UnsafeMutableRawBufferPointer
    init(_ memory: UnsafeMutableRawBufferPointer) { self.memory = memory }
    deinit { SharedMemory.unmap(memory) }
    func keep() {}
}
