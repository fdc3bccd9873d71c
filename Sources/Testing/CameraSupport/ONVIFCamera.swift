import Crypto
import Foundation
import Glibc
import Synchronization

/// A device on the loopback interface that answers probes of WS-Discovery and requests of ONVIF Profile S, written from the public
/// specifications. What it answers can be replaced.
public final class ONVIFCamera: Sendable {
    public struct Profile: Sendable {
        public var token: String, codec: String, width: Int, height: Int, rate: Int
        public init(_ token: String, codec: String = "H264", _ width: Int, _ height: Int, rate: Int) {
            (self.token, self.codec, self.width, self.height, self.rate) = (token, codec, width, height, rate)
        }
    }
    public struct Script: Sendable {
        public var name = "Lobby", hardware = "Simulated 1"
        public var profiles = [
            Profile("sub", 640, 360, rate: 10), Profile("main", codec: "H265", 1920, 1080, rate: 25),
        ]
        /// Who may ask; `nil`: anybody.
        public var account: (login: String, password: String)?
        /// How much its clock is ahead, in seconds.
        public var clockLead = 0.0
        /// The host that its addresses name.
        public var host = "127.0.0.1"
        public var mediaHost = "127.0.0.1"
        /// What it answers to a probe, given its own answer.
        public var probeAnswer: @Sendable (_ own: String) -> [UInt8] = { Array($0.utf8) }
        /// What it answers to an operation instead of what it should; empty: nothing, for ever.
        public var answer: @Sendable (_ operation: String) -> [UInt8]? = { _ in nil }
        public init() {}
    }

    /// Where it hears probes.
    public let probePort: Int
    private let datagrams: Int32
    private let listener = LoopbackListener()
    private let script: Script
    private let state = Mutex<(operations: [String], held: [Int32])>(([], []))
    /// Operations that it was asked for, in order.
    public var operations: [String] { state.withLock { $0.operations } }
    public var httpPort: Int { listener.port }

    /// - Parameter probePort: 0: one that the system chooses.
    public init(_ script: Script = Script(), probePort: Int = 0) {
        self.script = script
        datagrams = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var one: Int32 = 1
        setsockopt(datagrams, SOL_SOCKET, SO_REUSEADDR, &one, 4)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(probePort).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = datagrams
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                precondition(bind(descriptor, $0, length) == 0)
                getsockname(descriptor, $0, &length)
            }
        }
        self.probePort = Int(UInt16(bigEndian: address.sin_port))
        var membership = ip_mreq()
        inet_pton(AF_INET, "239.255.255.250", &membership.imr_multiaddr)
        inet_pton(AF_INET, "127.0.0.1", &membership.imr_interface)
        setsockopt(datagrams, Int32(IPPROTO_IP), IP_ADD_MEMBERSHIP, &membership, socklen_t(MemoryLayout<ip_mreq>.size))
        Thread.detachNewThread { [self] in hearProbes() }
        Thread.detachNewThread { [self] in
            while let connection = listener.next() {
                Thread.detachNewThread { [self] in serve(connection) }
            }
        }
    }
    public func stop() {
        listener.stop()
        shutdown(datagrams, Int32(SHUT_RDWR))
        for descriptor in state.withLock({ $0.held }) { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
    deinit { close(datagrams) }

    // MARK: Probes

    private func hearProbes() {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            var sender = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let count = withUnsafeMutablePointer(to: &sender) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(datagrams, &buffer, buffer.count, 0, $0, &length)
                }
            }
            guard count > 0 else { return }
            let probe = String(decoding: buffer[..<count], as: UTF8.self)
            guard probe.contains("NetworkVideoTransmitter"), let id = Self.text("MessageID", of: probe) else {
                continue
            }
            let answer = script.probeAnswer(match(id))
            withUnsafeMutablePointer(to: &sender) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = sendto(datagrams, answer, answer.count, 0, $0, length)
                }
            }
        }
    }
    private func match(_ id: String) -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" \
        xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" \
        xmlns:wsdd="http://schemas.xmlsoap.org/ws/2005/04/discovery"><SOAP-ENV:Header>\
        <wsa:RelatesTo>\(id)</wsa:RelatesTo></SOAP-ENV:Header><SOAP-ENV:Body><wsdd:ProbeMatches><wsdd:ProbeMatch>\
        <wsa:EndpointReference><wsa:Address>urn:uuid:\(listener.port)</wsa:Address></wsa:EndpointReference>\
        <wsdd:Types>dn:NetworkVideoTransmitter</wsdd:Types>\
        <wsdd:Scopes>onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/name/\(Self.escaped(script.name)) \
        onvif://www.onvif.org/hardware/\(Self.escaped(script.hardware))</wsdd:Scopes>\
        <wsdd:XAddrs>http://[fe80::1]/onvif http://\(script.host):\(listener.port)/onvif/device_service</wsdd:XAddrs>\
        <wsdd:MetadataVersion>1</wsdd:MetadataVersion></wsdd:ProbeMatch></wsdd:ProbeMatches></SOAP-ENV:Body>\
        </SOAP-ENV:Envelope>
        """
    }
    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
    }

    // MARK: Requests

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        while let request = readRequest(connection) {
            guard let operation = request.firstMatch(of: /<s:Body><[a-z]+:([A-Za-z]+)/)?.output.1 else { return }
            state.withLock { $0.operations.append(String(operation)) }
            if let answer = script.answer(String(operation)) {
                guard !answer.isEmpty else {
                    state.withLock { $0.held.append(connection) }
                    var byte: UInt8 = 0
                    while recv(connection, &byte, 1, 0) > 0 {}
                    return state.withLock { $0.held.removeAll { $0 == connection } }
                }
                send("200 OK", answer, over: connection)
            } else if operation != "GetSystemDateAndTime", !isAllowed(request) {
                let fault = """
                    <e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>ter:NotAuthorized</e:Value></e:Subcode>\
                    </e:Code><e:Reason><e:Text xml:lang="en">Not allowed</e:Text></e:Reason></e:Fault>
                    """
                send("400 Bad Request", Array(Self.envelope(fault).utf8), over: connection)
            } else {
                send("200 OK", Array(Self.envelope(answer(to: operation, request)).utf8), over: connection)
            }
        }
    }
    private func send(_ status: String, _ body: [UInt8], over connection: Int32) {
        let head = "HTTP/1.1 \(status)\r\nContent-Type: application/soap+xml\r\nContent-Length: \(body.count)\r\n\r\n"
        var rest = (Array(head.utf8) + body)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
    private func readRequest(_ connection: Int32) -> String? {
        var bytes: [UInt8] = [], buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n"),
                let length = text.firstMatch(of: /(?i)content-length: *([0-9]+)/).flatMap({ Int($0.output.1) }),
                text[end.upperBound...].utf8.count >= length
            {
                return text
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0, bytes.count < 1 << 20 else { return nil }
            bytes += buffer[..<count]
        }
    }

    private func isAllowed(_ request: String) -> Bool {
        guard let account = script.account else { return true }
        guard Self.text("Username", of: request) == account.login, let created = Self.text("Created", of: request),
            let nonce = Self.text("Nonce", of: request).flatMap({ Data(base64Encoded: $0) }),
            let time = try? Date(created, strategy: .iso8601),
            abs(time.timeIntervalSinceNow - script.clockLead) < 30
        else { return false }
        let digest = Data(Insecure.SHA1.hash(data: nonce + Data(created.utf8) + Data(account.password.utf8)))
        return Self.text("Password", of: request) == digest.base64EncodedString()
    }
    /// Of the first element of a name.
    private static func text(_ name: String, of message: String) -> String? {
        guard let pattern = try? Regex("<[a-z]+:\(name)(?: [^>]*)?>([^<]*)<") else { return nil }
        return message.firstMatch(of: pattern)?.output[1].substring.map { $0.trimmingCharacters(in: .whitespaces) }
    }

    private static func envelope(_ body: String) -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:ter="http://www.onvif.org/ver10/error" \
        xmlns:d="http://www.onvif.org/ver10/device/wsdl" xmlns:m="http://www.onvif.org/ver10/media/wsdl" \
        xmlns:t="http://www.onvif.org/ver10/schema"><e:Body>\(body)</e:Body></e:Envelope>
        """
    }
    private func answer(to operation: Substring, _ request: String) -> String {
        let base = "http://\(script.mediaHost):\(listener.port)/onvif"
        let token = Self.text("ProfileToken", of: request) ?? ""
        switch operation {
        case "GetSystemDateAndTime":
            var calendar = Calendar(identifier: .gregorian)
            calendar.timeZone = .gmt
            let parts = calendar.dateComponents(
                [.year, .month, .day, .hour, .minute, .second], from: .now + script.clockLead)
            return """
                <d:GetSystemDateAndTimeResponse><d:SystemDateAndTime><t:UTCDateTime><t:Time><t:Hour>\(parts.hour!)</t:Hour>\
                <t:Minute>\(parts.minute!)</t:Minute><t:Second>\(parts.second!)</t:Second></t:Time><t:Date>\
                <t:Year>\(parts.year!)</t:Year><t:Month>\(parts.month!)</t:Month><t:Day>\(parts.day!)</t:Day></t:Date>\
                </t:UTCDateTime></d:SystemDateAndTime></d:GetSystemDateAndTimeResponse>
                """
        case "GetServices":
            return """
                <d:GetServicesResponse><d:Service><d:Namespace>http://www.onvif.org/ver10/media/wsdl</d:Namespace>\
                <d:XAddr>\(base)/media</d:XAddr></d:Service></d:GetServicesResponse>
                """
        case "GetCapabilities":
            return """
                <d:GetCapabilitiesResponse><d:Capabilities><t:Media><t:XAddr>\(base)/media</t:XAddr></t:Media>\
                </d:Capabilities></d:GetCapabilitiesResponse>
                """
        case "GetDeviceInformation":
            return """
                <d:GetDeviceInformationResponse><d:Manufacturer>Simulators</d:Manufacturer><d:Model>Simulated</d:Model>\
                <d:FirmwareVersion>1.2</d:FirmwareVersion></d:GetDeviceInformationResponse>
                """
        case "GetProfiles":
            let profiles = script.profiles.map { profile in
                """
                <m:Profiles token="\(profile.token)" fixed="true"><t:Name>\(profile.token)</t:Name>\
                <t:VideoEncoderConfiguration token="e"><t:Name>e</t:Name><t:Encoding>\(profile.codec)</t:Encoding>\
                <t:Resolution><t:Width>\(profile.width)</t:Width><t:Height>\(profile.height)</t:Height></t:Resolution>\
                <t:RateControl><t:FrameRateLimit>\(profile.rate)</t:FrameRateLimit></t:RateControl>\
                </t:VideoEncoderConfiguration></m:Profiles>
                """
            }
            return "<m:GetProfilesResponse>\(profiles.joined())</m:GetProfilesResponse>"
        case "GetStreamUri":
            return """
                <m:GetStreamUriResponse><m:MediaUri><t:Uri>rtsp://admin:hidden@127.0.0.1:554/\(token)</t:Uri></m:MediaUri>\
                </m:GetStreamUriResponse>
                """
        case "GetSnapshotUri":
            return """
                <m:GetSnapshotUriResponse><m:MediaUri><t:Uri>http://127.0.0.1:\(listener.port)/\(token).jpg</t:Uri>\
                </m:MediaUri></m:GetSnapshotUriResponse>
                """
        default: return "<e:Fault><e:Code><e:Value>e:Sender</e:Value></e:Code></e:Fault>"
        }
    }
}
