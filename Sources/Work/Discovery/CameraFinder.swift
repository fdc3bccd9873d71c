public import Addresses
import Foundation
import Notifications

/// Finds cameras by WS-Discovery, and asks each what it sends by ONVIF Profile S. Whatever answers may be hostile: what it may say is bounded
/// in time, size and number, and it is asked at the very address that it answered from, if the policy allows that.
public struct CameraFinder: Sendable {
    /// Devices that are told, and that are asked at once.
    static let deviceLimit = 128
    private static let concurrency = 16
    /// Devices of one address: whoever makes many up leaves room for others.
    private static let deviceLimitOfOne = 4
    /// However many devices there are, asking them takes no longer.
    private static let askingTime: Duration = .seconds(60)

    private let network: NetworkPolicy
    private let networksKey: String
    private let postman: HTTPPostman
    private let port: Int
    private let patience: Duration

    /// - Parameters:
    ///   - network: which addresses may be asked.
    ///   - networksKey: the setting that allows further networks; refusals name it.
    ///   - port: where the group is asked.
    ///   - patience: for one answer of a device; it has three times as much for all.
    public init(
        network: NetworkPolicy, networksKey: String, verifiesCertificates: Bool, port: Int = 3702,
        patience: Duration = .seconds(5)
    ) {
        var configuration = CallbackConfiguration()
        (configuration.network, configuration.verifiesCertificates) = (network, verifiesCertificates)
        postman = HTTPPostman(configuration, networksKey: networksKey)
        (self.network, self.networksKey, self.port, self.patience) = (network, networksKey, port, patience)
    }

    /// - Throws: `CameraSearchError`; `CancellationError`.
    public func find(_ search: CameraSearch) async throws -> FoundCameras {
        var targets: [ProbeSocket.Target] = []
        if !search.interfaces.isEmpty || search.addresses.isEmpty {
            targets += try ProbeSocket.targets(on: search.interfaces.isEmpty ? nil : search.interfaces, port: port)
        }
        var named: Set<String> = []
        for address in search.addresses {
            let target = try await target(address)
            targets.append(target)
            named.insert(target.address)
        }
        guard search.credentials == nil || !named.isEmpty else {
            throw CameraSearchError(
                part: .addresses, description: "A login is told to devices at named addresses only, and none is named")
        }
        let id = UUID()
        let (answers, isAll) = await ProbeSocket.ask(SOAP.probe(id: id), targets, for: search.wait)
        try Task.checkCancellation()
        var seen: Set<FoundCamera> = [], counts: [String: Int] = [:]
        let all = answers.flatMap { Self.cameras(in: $0, to: id) }.filter { seen.insert($0).inserted }
        let found = all.filter { camera in
            counts[camera.address, default: 0] += 1
            return counts[camera.address, default: 0] <= Self.deviceLimitOfOne
        }.prefix(Self.deviceLimit)
        let asked = try await ask(Array(found)) { named.contains($0.address) ? search.credentials : nil }
        return FoundCameras(cameras: asked, isComplete: isAll && found.count == all.count)
    }

    /// Where a device is asked that somebody named.
    private func target(_ text: String) async throws -> ProbeSocket.Target {
        func bad(_ description: String) -> CameraSearchError {
            CameraSearchError(part: .addresses, description: description)
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let host = parts.first, !host.isEmpty,
            let port = parts.count == 2 ? UInt16(parts[1]).map(Int.init) : ProbeSocket.port, port > 0
        else { throw bad("'\(text)' is no name or IPv4 address, with or without a port") }
        let addresses: [NetworkAddress]
        do { addresses = try await network.lookUp(String(host)) } catch AddressError.notAllowed(let kind) {
            throw bad("'\(host)' has \(kind.phrase), which the setting '\(networksKey)' does not allow")
        } catch is AddressError { throw bad("'\(host)' has no address") }
        guard let address = addresses.first(where: { $0.bytes.count == 4 }) else {
            throw bad("'\(host)' has no IPv4 address")
        }
        return ProbeSocket.Target(address: address.text, port: port, interface: nil)
    }

    /// The devices of an answer; one with a problem when there is none in it.
    static func cameras(in answer: ProbeSocket.Answer, to id: UUID) -> [FoundCamera] {
        func bad(_ problem: String) -> [FoundCamera] {
            var camera = FoundCamera(address: answer.address)
            camera.problem = problem
            return [camera]
        }
        guard let envelope = XMLTree(answer.bytes), envelope.name == "Envelope" else {
            return bad("Its answer to the probe is no SOAP message")
        }
        guard SOAP.answers(id, envelope) else { return bad("It answers another probe than ours") }
        let matches = envelope.at("Body", "ProbeMatches")?.all("ProbeMatch") ?? []
        guard !matches.isEmpty else { return bad("Its answer to the probe names no device") }
        return matches.prefix(ProbeSocket.answerLimitOfOne).map { match in
            var camera = FoundCamera(address: answer.address)
            for scope in (match["Scopes"]?.text ?? "").split(whereSeparator: \.isWhitespace).prefix(100) {
                func value(_ kind: String) -> String? {
                    let prefix = "onvif://www.onvif.org/\(kind)/"
                    guard scope.lowercased().hasPrefix(prefix) else { return nil }
                    let rest = String(scope.dropFirst(prefix.count))
                    return (rest.removingPercentEncoding ?? rest).shownPlain
                }
                camera.name = camera.name ?? value("name")
                camera.hardware = camera.hardware ?? value("hardware")
            }
            let addresses = (match["XAddrs"]?.text ?? "").split(whereSeparator: \.isWhitespace).prefix(20)
            // Devices have several addresses; a stranger's has no business here.
            camera.service = addresses.lazy.compactMap { OwnAddress.service(String($0), of: answer.address) }.first
            if camera.service == nil {
                camera.problem =
                    addresses.isEmpty
                    ? "It does not say where it can be asked"
                    : "It names another host, or no HTTP address, to be asked at: \(OwnAddress.host(of: addresses[0]))"
            }
            return camera
        }
    }

    private func ask(
        _ found: [FoundCamera], as credentials: (FoundCamera) -> CameraCredentials?
    ) async throws -> [FoundCamera] {
        var told = found
        let end = ContinuousClock.now + Self.askingTime
        try await withThrowingTaskGroup(of: (Int, FoundCamera).self) { group in
            var rest = found.indices.filter { found[$0].service != nil }[...]
            func begin() {
                guard let index = rest.popFirst() else { return }
                let credentials = credentials(found[index])
                group.addTask {
                    var device = DeviceClient(
                        found[index], postman: postman, credentials: credentials, patience: patience, until: end)
                    return (index, try await device.ask())
                }
            }
            for _ in 0..<Self.concurrency { begin() }
            while let (index, camera) = try await group.next() {
                told[index] = camera
                begin()
            }
        }
        return told.enumerated().sorted {
            ($0.element.address.numbers, $0.element.service ?? "", $0.offset)
                < ($1.element.address.numbers, $1.element.service ?? "", $1.offset)
        }.map(\.element)
    }
}

extension String {
    /// Of an IPv4 address, to sort by.
    fileprivate var numbers: UInt32 { split(separator: ".").reduce(0) { $0 << 8 | (UInt32($1) ?? 0) } }
}
