import Crypto
import Foundation
import Glibc
import Synchronization

/// A camera on the loopback interface that answers each GET with one picture, and does what it is told.
public final class SnapshotCamera: Sendable {
    public enum Scheme: Sendable { case basic, digest }
    /// How it tells where a picture ends.
    public enum Ending: Sendable, CaseIterable { case length, chunks, close }
    public struct Script: Sendable {
        /// What it sees at the request of that number, counted from 0 among those that it lets in.
        public var picture: @Sendable (Int) -> [UInt8]
        public var contentType = "image/jpeg"
        public var ending = Ending.length
        /// Whether it tells versions and dates of pictures, and answers 304 to whoever has the one of now.
        public var tellsVersions = false
        /// Who may ask, and how he says who he is; `nil`: anybody.
        public var account: (login: String, password: String, scheme: Scheme)?
        /// With digests: requests after which one has to say it anew.
        public var nonceUses = Int.max
        /// What it answers to the request of that number instead; empty: nothing, for ever; `nil`: as it should.
        public var answer: @Sendable (Int) -> [UInt8]? = { _ in nil }
        /// Whether a connection may be asked again after an answer whose end it told, and how often in all.
        public var requestsOfConnection = 1
        /// Seconds that it takes for each picture.
        public var delay = 0.0
        public init(picture: @escaping @Sendable (Int) -> [UInt8]) { self.picture = picture }
    }
    private struct State {
        var requests: [String] = [], letIn = 0, unchanged = 0, refused = 0
        var open: Set<Int32> = [], underWay = 0, mostAtOnce = 0, connections = 0
        var nonces = 0, uses = 0
    }

    private let listener = LoopbackListener()
    private let script: Script
    private let state = Mutex(State())
    public var port: Int { listener.port }
    /// Heads of all requests, in order.
    public var requests: [String] { state.withLock { $0.requests } }
    /// Answers of 401, and of 304.
    public var refused: Int { state.withLock { $0.refused } }
    public var unchanged: Int { state.withLock { $0.unchanged } }
    /// Requests that were under way at the same time, and connections that there were in all.
    public var mostAtOnce: Int { state.withLock { $0.mostAtOnce } }
    public var connections: Int { state.withLock { $0.connections } }

    public init(_ script: Script) {
        self.script = script
        Thread.detachNewThread { [self] in
            while let connection = listener.next() {
                Thread.detachNewThread { [self] in serve(connection) }
            }
        }
    }
    public func stop() {
        listener.stop()
        for connection in state.withLock({ $0.open }) { shutdown(connection, Int32(SHUT_RDWR)) }
    }
    public func address(_ path: String = "snapshot.jpg", userInfo: String = "") -> String {
        "http://\(userInfo)127.0.0.1:\(port)/\(path)"
    }

    /// An answer of these parts.
    public static func answer(
        _ status: String, _ fields: [String] = [], _ body: [UInt8] = [], isLast: Bool = true
    ) -> [UInt8] {
        let lines =
            ["HTTP/1.1 \(status)"] + fields + ["Content-Length: \(body.count)"] + (isLast ? ["Connection: close"] : [])
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    }

    private func serve(_ connection: Int32) {
        state.withLock {
            $0.open.insert(connection)
            $0.connections += 1
        }
        var byte: UInt8 = 0
        for number in 1...script.requestsOfConnection {
            // A new connection is a request, one that is left open is none.
            if number == 1 { count(1) }
            var head: [UInt8] = []
            while !head.suffix(4).elementsEqual("\r\n\r\n".utf8), recv(connection, &byte, 1, 0) == 1 {
                head.append(byte)
            }
            if number > 1, !head.isEmpty { count(1) }
            let isLast = number == script.requestsOfConnection
            let answer = head.isEmpty ? [] : answer(to: String(decoding: head, as: UTF8.self), isLast: isLast)
            if !head.isEmpty { send(answer.isEmpty ? [] : answer.dropLast(), to: connection) }
            // Who asks again does so when this answer has ended.
            if number == 1 || !head.isEmpty { count(-1) }
            if !answer.isEmpty { send(answer.suffix(1), to: connection) }
            if answer.isEmpty { break }
        }
        shutdown(connection, Int32(SHUT_WR))
        while recv(connection, &byte, 1, 0) == 1 {}
        state.withLock { _ = $0.open.remove(connection) }
        close(connection)
    }
    private func count(_ change: Int) {
        state.withLock {
            $0.underWay += change
            $0.mostAtOnce = max($0.mostAtOnce, $0.underWay)
        }
    }
    private func send(_ bytes: ArraySlice<UInt8>, to connection: Int32) {
        var byte: UInt8 = 0
        guard !bytes.isEmpty else {
            while recv(connection, &byte, 1, 0) == 1 {}
            return
        }
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private func answer(to head: String, isLast: Bool) -> [UInt8] {
        state.withLock { $0.requests.append(head) }
        if let account = script.account, !lets(account.login, account.password, account.scheme, head) {
            return refusal(account.scheme)
        }
        let number = state.withLock { state in
            defer { state.letIn += 1 }
            return state.letIn
        }
        if let answer = script.answer(number) { return answer }
        usleep(UInt32(script.delay * 1e6))
        let picture = script.picture(number)
        var fields = ["Content-Type: \(script.contentType)"]
        if script.tellsVersions {
            let tag = "\"\(Self.hash(picture))\"", date = "Tue, 01 Jul 2025 10:00:00 GMT"
            fields += ["ETag: \(tag)", "Last-Modified: \(date)"]
            if Self.field("If-None-Match", of: head) == tag, Self.field("If-Modified-Since", of: head) == date {
                state.withLock { $0.unchanged += 1 }
                return Array((["HTTP/1.1 304 Not Modified"] + fields).joined(separator: "\r\n").utf8)
                    + Array("\r\n\r\n".utf8)
            }
        }
        switch script.ending {
        case .length: return Self.answer("200 OK", fields, picture, isLast: isLast)
        case .close: return Self.open(fields + ["Connection: close"]) + picture
        case .chunks:
            var bytes = Self.open(fields + ["Transfer-Encoding: chunked"]), rest = picture[...]
            while !rest.isEmpty {
                let part = rest.prefix(1000)
                bytes += Array("\(String(part.count, radix: 16))\r\n".utf8) + part + Array("\r\n".utf8)
                rest = rest.dropFirst(part.count)
            }
            return bytes + Array("0\r\n\r\n".utf8)
        }
    }
    private static func open(_ fields: [String]) -> [UInt8] {
        Array((["HTTP/1.1 200 OK"] + fields).joined(separator: "\r\n").utf8) + Array("\r\n\r\n".utf8)
    }

    // MARK: Who asks

    private func refusal(_ scheme: Scheme) -> [UInt8] {
        let (nonce, isStale) = state.withLock { state in
            defer { (state.nonces, state.uses, state.refused) = (state.nonces + 1, 0, state.refused + 1) }
            return (state.nonces, state.uses > script.nonceUses)
        }
        let digest =
            "Digest realm=\"a \\\"camera\\\", small\", qop=\"auth,auth-int\", nonce=\"n\(nonce)\", algorithm=MD5, opaque=\"x\""
        return Self.answer(
            "401 Unauthorized",
            [
                "WWW-Authenticate: "
                    + (scheme == .basic ? "Basic realm=\"camera\"" : digest + (isStale ? ", stale=true" : ""))
            ])
    }

    private func lets(_ login: String, _ password: String, _ scheme: Scheme, _ head: String) -> Bool {
        guard let told = Self.field("Authorization", of: head) else { return false }
        guard scheme == .digest else {
            return told == "Basic " + Data("\(login):\(password)".utf8).base64EncodedString()
        }
        func value(_ name: String) -> String {
            guard let start = told.firstRange(of: name + "=")?.upperBound else { return "" }
            let rest = told[start...]
            return rest.hasPrefix("\"")
                ? String(rest.dropFirst().prefix { $0 != "\"" }) : String(rest.prefix { $0 != "," })
        }
        let isCounted = state.withLock { state in
            state.uses += 1
            return value("nonce") == "n\(state.nonces - 1)" && Int(value("nc"), radix: 16) == state.uses
                && state.uses <= script.nonceUses
        }
        let target = String(head.split(separator: " ")[1]), user = value("username")
        let secret = Self.hash(Array("\(login):a \"camera\", small:\(password)".utf8))
        let request = Self.hash(Array("GET:\(target)".utf8))
        let wanted = Self.hash(
            Array("\(secret):\(value("nonce")):\(value("nc")):\(value("cnonce")):auth:\(request)".utf8))
        return isCounted && user == login && value(" uri") == target && value("response") == wanted
    }

    private static func field(_ name: String, of head: String) -> String? {
        for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix(name.lowercased() + ": ") {
            return String(line.dropFirst(name.count + 2))
        }
        return nil
    }
    private static func hash(_ bytes: [UInt8]) -> String {
        Insecure.MD5.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
    }
}
