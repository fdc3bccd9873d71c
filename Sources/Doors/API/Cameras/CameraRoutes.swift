import Discovery
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON

/// `/6/cameras/discover`: which cameras answer at the moment.
struct CameraRoutes: Sendable {
    let services: Services
    /// A search ends by itself before.
    private static let patience: Duration = .seconds(90)

    func add(to table: ResourceTable) {
        table.add("/6/cameras/discover", .post(.right(.stream, .creation), body: .json(), discover))
    }

    @Sendable private func discover(_ call: Call) async throws -> Response {
        let cameras = services.cameras
        return try await call.answerPatiently(atMost: Self.patience) { document in
            do {
                let found = try await cameras.find(CameraSearch(document))
                return .json(["cameras": .array(found.cameras.map(\.json)), "complete": .bool(found.isComplete)])
            } catch let error as CameraSearchError {
                throw JSONViolation(path: error.part.rawValue, message: error.description)
            }
        }
    }
}

extension CameraSearch {
    fileprivate init(_ body: JSONReader) throws(JSONViolation) {
        self.init()
        _ = try body.object(known: ["interfaces", "addresses", "wait", "login", "password"])
        for item in try body.optional("interfaces")?.items(maximum: Self.interfaceLimit) ?? [] {
            interfaces.append(try item.string(maximumLength: 255))
        }
        for item in try body.optional("addresses")?.items(maximum: Self.addressLimit) ?? [] {
            addresses.append(try item.string(maximumLength: 255))
        }
        if let seconds = try body.optional("wait")?.number(in: Self.waits) { wait = .seconds(seconds) }
        guard let login = try body.optional("login")?.string(maximumLength: 255) else {
            if let password = try body.optional("password") {
                throw password.violation("A password is of use with a login only")
            }
            return
        }
        let password = try body.optional("password")?.string(maximumLength: 255)
        credentials = CameraCredentials(login: login, password: password ?? "")
    }
}

extension FoundCamera {
    fileprivate var json: JSONValue {
        func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
        func number(_ number: Int?) -> JSONValue { number.map { .integer(Int64($0)) } ?? .null }
        return [
            "address": .string(address), "service": text(service), "name": text(name), "hardware": text(hardware),
            "manufacturer": text(manufacturer), "firmware": text(firmware), "access": text(access?.rawValue),
            "problem": text(problem),
            "profiles": .array(
                profiles.map { profile in
                    [
                        "token": .string(profile.token), "name": text(profile.name), "codec": text(profile.codec),
                        "width": number(profile.width), "height": number(profile.height),
                        "frame_rate": profile.frameRate.map { .number($0) } ?? .null, "stream": text(profile.stream),
                        "snapshot": text(profile.snapshot),
                    ]
                }),
        ]
    }
}
