import Foundation
import Notifications

/// Asks one device what it is and sends.
struct DeviceClient {
    /// Bytes of one answer, and profiles that are told.
    private static let answerLimit = 256 << 10
    static let profileLimit = 8

    private var camera: FoundCamera
    private let postman: HTTPPostman
    private let credentials: CameraCredentials?
    private let patience: Duration
    private let end: ContinuousClock.Instant
    /// How much its clock is ahead of ours, in seconds: it takes no credentials of another time than its own.
    private var clockLead: Double?

    /// - Parameters:
    ///   - patience: for one answer; three times as much for all.
    ///   - end: of all.
    init(
        _ camera: FoundCamera, postman: HTTPPostman, credentials: CameraCredentials?, patience: Duration,
        until end: ContinuousClock.Instant
    ) {
        (self.camera, self.postman, self.credentials, self.patience) = (camera, postman, credentials, patience)
        self.end = min(end, .now + patience * 3)
    }

    private enum Failure: Error {
        /// It wants to know who asks.
        case notAuthorized
        /// It says that it cannot.
        case fault(String)
        case problem(String)
    }

    /// What is known of it in the end. What went wrong stands in it.
    /// - Throws: `CancellationError`.
    mutating func ask() async throws -> FoundCamera {
        do {
            let media = try await mediaService()
            camera.access = camera.access ?? .open
            try await askWhatItIs()
            try await askProfiles(at: media)
        } catch let failure as Failure {
            switch failure {
            case .notAuthorized: camera.access = credentials == nil ? .wanted : .refused
            case .fault(let text): camera.problem = "It refuses to say what it sends: \(text)"
            case .problem(let text): camera.problem = text
            }
        }
        return camera
    }

    /// Where it is asked about what it sends.
    private mutating func mediaService() async throws -> String {
        var address: String?
        do {
            let services = try await call(
                "GetServices",
                "<tds:GetServices><tds:IncludeCapability>false</tds:IncludeCapability></tds:GetServices>")
            address = services.all("Service").first { $0["Namespace"]?.word == SOAP.media }?["XAddr"]?.word
        } catch Failure.fault {}  // older devices have the other one
        if address == nil {
            let answer = try await call(
                "GetCapabilities",
                "<tds:GetCapabilities><tds:Category>Media</tds:Category></tds:GetCapabilities>")
            address = answer.at("Capabilities", "Media", "XAddr")?.word
        }
        guard let address else { throw Failure.problem("It has no media service of ONVIF Profile S") }
        guard let own = OwnAddress.service(address, of: camera.address) else {
            throw Failure.problem("It names another host for its media service: \(OwnAddress.host(of: address))")
        }
        return own
    }
    private mutating func askWhatItIs() async throws {
        do {
            let facts = try await call("GetDeviceInformation", "<tds:GetDeviceInformation/>")
            camera.manufacturer = facts["Manufacturer"]?.text.shownPlain
            camera.firmware = facts["FirmwareVersion"]?.text.shownPlain
            camera.hardware = camera.hardware ?? facts["Model"]?.text.shownPlain
        } catch Failure.fault {
        } catch Failure.notAuthorized {}  // what it sends may be anybody's all the same
    }
    private mutating func askProfiles(at media: String) async throws {
        let profiles = try await call("GetProfiles", "<trt:GetProfiles/>", at: media).all("Profiles")
        var told = profiles.compactMap(Self.profile)
        told = told.enumerated().sorted {
            let (first, second) = (Self.pixels($0.element), Self.pixels($1.element))
            return first == second ? $0.offset < $1.offset : first > second
        }.prefix(Self.profileLimit).map(\.element)
        camera.profiles = told
        if told.isEmpty { throw Failure.problem("It tells of no profile") }
        for (index, profile) in told.enumerated() {
            let token = "<trt:ProfileToken>\(profile.token.escapedForXML)</trt:ProfileToken>"
            camera.profiles[index].stream = try await address(
                "GetStreamUri",
                "<trt:StreamSetup><tt:Stream>RTP-Unicast</tt:Stream><tt:Transport><tt:Protocol>RTSP</tt:Protocol>"
                    + "</tt:Transport></trt:StreamSetup>\(token)", at: media, ["rtsp", "rtsps"])
            camera.profiles[index].snapshot = try await address(
                "GetSnapshotUri", token, at: media, ["http", "https"])
        }
    }
    /// What it says of a profile; `nil` when that has no name by which it could be asked for and that could be shown.
    private static func profile(_ tree: XMLTree) -> FoundCamera.Profile? {
        guard let token = tree.attributes["token"], token.utf8.count <= 200, token.shownPlain == token else {
            return nil
        }
        func number(_ tree: XMLTree?) -> Int? {
            tree?.word.flatMap { Int($0) }.flatMap { (1...100_000).contains($0) ? $0 : nil }
        }
        let encoder = tree["VideoEncoderConfiguration"]
        let rate = encoder?.at("RateControl", "FrameRateLimit")?.word.flatMap { Double($0) }
        return FoundCamera.Profile(
            token: token, name: tree["Name"]?.text.shownPlain, codec: encoder?["Encoding"]?.text.shownPlain,
            width: number(encoder?.at("Resolution", "Width")), height: number(encoder?.at("Resolution", "Height")),
            frameRate: rate.flatMap { $0 > 0 && $0 <= 1000 ? $0 : nil })
    }
    private static func pixels(_ profile: FoundCamera.Profile) -> Int { (profile.width ?? 0) * (profile.height ?? 0) }

    /// An address that it gives out; `nil` when it has none.
    private mutating func address(
        _ operation: String, _ body: String, at media: String, _ schemes: Set<String>
    ) async throws -> String? {
        let text: String?
        do {
            text = try await call(operation, "<trt:\(operation)>\(body)</trt:\(operation)>", at: media)
                .at("MediaUri", "Uri")?.word
        } catch Failure.fault { return nil }
        guard let text else { return nil }
        if let own = OwnAddress.shown(text, schemes, of: camera.address) { return own }
        camera.problem =
            "It names another host, or no such address, in its answer to \(operation): \(OwnAddress.host(of: text))"
        return nil
    }

    // MARK: Calls

    /// - Returns: the answer to the operation.
    private mutating func call(_ operation: String, _ body: String, at media: String? = nil) async throws -> XMLTree {
        do {
            let answer = try await exchange(operation, body, at: media, isNamed: camera.access == .accepted)
            return answer
        } catch Failure.notAuthorized {
            guard credentials != nil, camera.access != .accepted else { throw Failure.notAuthorized }
        }
        if clockLead == nil { clockLead = try await askClock() }
        let answer = try await exchange(operation, body, at: media, isNamed: true)
        camera.access = .accepted
        return answer
    }
    private func exchange(
        _ operation: String, _ body: String, at media: String?, isNamed: Bool
    ) async throws -> XMLTree {
        let left = end - .now
        guard left > .zero else { throw Failure.problem("It takes too long to answer") }
        var token = ""
        if isNamed, let credentials { token = SOAP.token(credentials, at: .now + (clockLead ?? 0)) }
        let reply: HTTPReply
        do {
            reply = try await postman.call(
                "POST", media ?? camera.service!, headers: [("Content-Type", SOAP.contentType)],
                body: SOAP.request(body, as: token), limit: Self.answerLimit, within: min(patience, left))
        } catch let failure as FetchFailure {
            throw Failure.problem("Its answer to \(operation) could not be had: \(failure.description)")
        }
        if reply.status == 401 { throw Failure.notAuthorized }
        guard let envelope = XMLTree(reply.body), envelope.name == "Envelope", let content = envelope["Body"] else {
            throw Failure.problem("Its answer to \(operation) (status \(reply.status)) is no SOAP message")
        }
        if let fault = content["Fault"] {
            if Self.codes(of: fault).contains(where: { $0.hasSuffix("NotAuthorized") }) { throw Failure.notAuthorized }
            let text = fault.at("Reason", "Text")?.text.shownPlain ?? Self.codes(of: fault).last?.shownPlain
            throw Failure.fault(text ?? "no reason given")
        }
        guard let answer = content["\(operation)Response"] else {
            throw Failure.problem("Its answer to \(operation) is none to that")
        }
        return answer
    }
    private static func codes(of fault: XMLTree) -> [String] {
        var codes: [String] = []
        var code = fault["Code"]
        while let next = code {
            if let word = next["Value"]?.word { codes.append(word) }
            code = next["Subcode"]
        }
        return codes
    }
    /// Anybody may ask for the time.
    private func askClock() async throws -> Double {
        guard
            let answer = try? await exchange(
                "GetSystemDateAndTime", "<tds:GetSystemDateAndTime/>", at: nil, isNamed: false),
            let time = answer.at("SystemDateAndTime", "UTCDateTime")
        else {
            try Task.checkCancellation()
            return 0
        }
        func number(_ group: String, _ name: String, _ range: ClosedRange<Int>) -> Int? {
            time.at(group, name)?.word.flatMap { Int($0) }.flatMap { range.contains($0) ? $0 : nil }
        }
        guard let year = number("Date", "Year", 1970...2999), let month = number("Date", "Month", 1...12),
            let day = number("Date", "Day", 1...31), let hour = number("Time", "Hour", 0...23),
            let minute = number("Time", "Minute", 0...59), let second = number("Time", "Second", 0...60)
        else { return 0 }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = DateComponents(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        return calendar.date(from: parts).map { $0.timeIntervalSinceNow } ?? 0
    }
}
