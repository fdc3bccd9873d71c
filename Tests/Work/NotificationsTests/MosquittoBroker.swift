import CMosquitto
import Foundation
import ProcessSupport
import Synchronization
import Testing

@testable import Notifications

/// A broker of a test's own: Debian's `mosquitto`, at a port of the loopback interface, which can go and come back.
final class MosquittoBroker: Sendable {
    struct Message: Hashable, Sendable {
        let topic: String
        let payload: [UInt8]
        let quality: Int
        let isRetained: Bool
    }
    let port: Int
    private let folder = FileManager.default.temporaryDirectory.appending(path: "sightline-broker-\(UUID())")
    private let process = Mutex<ChildProcess?>(nil)

    /// - Parameter password: of the login `bob`, without whom nobody is let in; `nil`: everybody is.
    init(password: String? = nil) throws {
        port = Self.freePort()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var lines = ["listener \(port) 127.0.0.1", "log_dest none", "user root", "max_inflight_messages 0"]
        if let password {
            let file = folder.appending(path: "passwords")
            try Data("bob:\(password)\n".utf8).write(to: file)
            try ChildProcess.output(of: ["/usr/bin/mosquitto_passwd", "-U", file.path])
            lines += ["allow_anonymous false", "password_file \(file.path)"]
        } else {
            lines.append("allow_anonymous true")
        }
        try Data(lines.joined(separator: "\n").utf8).write(to: folder.appending(path: "conf"))
    }
    deinit {
        stop()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Returns when it takes connections.
    func start() throws {
        let broker = try ChildProcess(
            ["/usr/sbin/mosquitto", "-c", folder.appending(path: "conf").path],
            errors: FileHandle(forWritingTo: URL(filePath: "/dev/null")))
        process.withLock { $0 = broker }
        while !takesConnections {
            try #require(broker.isRunning, "mosquitto ended by itself")
            usleep(5000)
        }
    }
    func stop() {
        process.withLock { process in
            process?.send(signal: SIGKILL)
            _ = process?.waitForEnd()
            process = nil
        }
    }

    /// The next messages of a topic, as a subscriber gets them. Returns when there are so many.
    func messages(_ count: Int, of topic: String) -> [Message] {
        guard let client = mosquitto_new(nil, true, nil), let loop = MQTTLoop() else { return [] }
        defer { mosquitto_destroy(client) }
        let subscriber = Subscriber(topic: topic)
        mosquitto_threaded_set(client, true)
        mosquitto_user_data_set(client, Unmanaged.passUnretained(subscriber).toOpaque())
        mosquitto_connect_callback_set(client) { client, user, _ in
            guard let user else { return }
            mosquitto_subscribe(client, nil, Subscriber.of(user).topic, 2)
        }
        mosquitto_message_callback_set(client) { _, user, message in
            guard let user, let message = message?.pointee else { return }
            let payload = UnsafeRawBufferPointer(start: message.payload, count: Int(message.payloadlen))
            Subscriber.of(user).messages.append(
                Message(
                    topic: String(cString: message.topic), payload: Array(payload), quality: Int(message.qos),
                    isRetained: message.retain))
        }
        guard mosquitto_connect(client, "127.0.0.1", Int32(port), 60) == 0 else { return [] }
        loop.run(client) { subscriber.messages.count < count }
        return subscriber.messages
    }
    /// Used by one thread.
    private final class Subscriber {
        let topic: String
        var messages: [Message] = []
        init(topic: String) { self.topic = topic }
        static func of(_ user: UnsafeMutableRawPointer) -> Subscriber {
            Unmanaged<Subscriber>.fromOpaque(user).takeUnretainedValue()
        }
    }

    /// What it keeps at a topic, as text; empty when that is nothing, or it is down.
    func kept(at topic: String) -> String {
        let found = Found(), mark = "end/\(UUID())"
        guard let loop = MQTTLoop(),
            let client = mosquitto_new(nil, true, Unmanaged.passUnretained(found).toOpaque())
        else { return "" }
        defer { mosquitto_destroy(client) }
        mosquitto_threaded_set(client, true)
        mosquitto_message_callback_set(client) { _, user, message in
            guard let user, let message = message?.pointee else { return }
            let found = Unmanaged<Found>.fromOpaque(user).takeUnretainedValue()
            let payload = UnsafeRawBufferPointer(start: message.payload, count: Int(message.payloadlen))
            if String(cString: message.topic).hasPrefix("end/") {
                found.isOver = true
            } else {
                found.text = String(decoding: payload, as: UTF8.self)
            }
        }
        guard mosquitto_connect(client, "127.0.0.1", Int32(port), 60) == 0 else { return "" }
        mosquitto_subscribe(client, nil, topic, 0)
        mosquitto_subscribe(client, nil, mark, 0)
        // Comes back behind what was kept.
        mosquitto_publish(client, nil, mark, 0, nil, 0, false)
        loop.run(client) { !found.isOver }
        return found.text
    }
    private final class Found {
        var text = ""
        var isOver = false
    }

    private var takesConnections: Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = Self.address(port: UInt16(port))
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
    private static func address(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = port.bigEndian
        return address
    }
    private static func freePort() -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = address(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(descriptor, $0, length)
                getsockname(descriptor, $0, &length)
            }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
