import Addresses
import CSandbox
import Foundation
import Glibc
import Media

/// What a worker is given to read a source through: descriptors, which are closed with this value unless they are others'.
struct Gifts: ~Copyable {
    private(set) var list: [(kind: Order.Gift, descriptor: Int32)]
    private var own: [Int32] = []
    /// Of the memory for pictures, beyond what they may take: what is lost between them.
    static let spareRoom = 64 << 20
    /// For a connection that a worker waits for, which shows no sign of life meanwhile.
    private static let furtherPatience: Duration = .seconds(10)

    /// Connects to an RTSP server, so it may block.
    /// - Throws: a `SourceFailure`.
    init(
        board: Int32, pictures: Int32, _ approach: Approach, interrupt: Interrupt, patience: Duration
    ) throws {
        list = [(.board, board), (.pictures, pictures)]
        if let file = approach.file { list.append((.file, file)) }
        if let server = approach.server {
            let connection = try Self.connection(to: server.address, server.port, interrupt, patience)
            own.append(connection)
            list.append((.connection, connection))
            if approach.furtherConnections > 0 {
                try addBroker(most: approach.furtherConnections) {
                    let deadline = ContinuousClock.now + min(patience, Self.furtherPatience)
                    return SocketConnection.open(to: server.address, port: server.port) {
                        !interrupt.isCancelled && .now < deadline
                    }
                }
            }
        }
        if let proxy = approach.proxy { try addBroker { proxy.connection() } }
        if approach.isEncrypted {
            let certificates = open(sl_certificates_path(), O_RDONLY | O_CLOEXEC)
            if certificates >= 0 {
                own.append(certificates)
                list.append((.certificates, certificates))
            }
        }
    }
    deinit { for descriptor in own { close(descriptor) } }

    /// Two ends that keep messages whole.
    static func channel() throws(WorkerFailure) -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        guard sl_socket_pair(&ends) else { throw .cannotStart(errno) }
        return (ends[0], ends[1])
    }

    private static func connection(
        to address: NetworkAddress, _ port: UInt16, _ interrupt: Interrupt, _ patience: Duration
    ) throws -> Int32 {
        let deadline = ContinuousClock.now + patience
        switch SocketConnection.open(to: address, port: port, while: { !interrupt.isCancelled && .now < deadline }) {
        case .success(let descriptor): return descriptor
        case .failure(let reason):
            if interrupt.isCancelled { throw CancellationError() }
            throw .now < deadline
                ? MediaError.cannotOpen(FFmpegStatus(rawValue: -reason.number)) : .openTimedOut(after: patience)
        }
    }

    private typealias Connection = Result<Int32, SocketConnection.Failure>

    /// Lets the worker ask for connections, for `most` at most.
    private mutating func addBroker(
        most: Int = .max, _ connection: @escaping @Sendable () -> Connection
    ) throws(WorkerFailure) {
        let (near, far) = try Self.channel()
        own.append(far)
        list.append((.broker, far))
        Thread.detachNewThread { Self.serve(near, most: most, connection) }
    }
    /// Answers each byte with a connection, until the worker is gone.
    private static func serve(_ end: Int32, most: Int, _ connection: () -> Connection) {
        defer { close(end) }
        var word: UInt8 = 0, made = 0
        while sl_receive(end, &word, 1, nil, nil, -1) == 1 {
            made += 1
            guard made <= most, case .success(var connection) = connection() else {
                _ = sl_send(end, &word, 1, nil, 0)
                continue
            }
            _ = sl_send(end, &word, 1, &connection, 1)
            close(connection)
        }
    }
}
