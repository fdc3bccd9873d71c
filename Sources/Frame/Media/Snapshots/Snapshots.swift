import Foundation
import Scene

/// The picture behind an HTTP address, asked for again and again. Belongs to one thread.
///
/// It is asked for by a schedule, which an answer that takes long does not move; but no two requests are under way at once, so after one that
/// took longer than the pause the next follows at once, and the schedule begins anew. A picture counts as taken when it was asked for:
/// that is as even as the schedule, and no later than it was.
///
/// A server that has nothing new says so (RFC 9110 §13), and the picture before is the one of now. What is no picture, or no answer, is
/// passed over, and asked for again sooner, until the time for reading is over. A server that wants other credentials, or has no such
/// picture, is not asked again.
final class Snapshots {
    /// In bytes.
    static let largestPicture = 64 << 20
    private static let mostRedirections = 5
    /// Who asks this much too late still does so in time.
    private static let slack: Duration = .milliseconds(100)

    private let address: URLComponents
    private let client: WebClient
    private let form: String
    private let pause, pauseAfterFailure: Duration
    private let interrupt: Interrupt
    private var login: WebLogin?
    private var latest: [UInt8]?
    /// By which the server tells whether `latest` is what it has at `address`.
    private var validators: (address: String, fields: [(name: String, value: String)])?

    /// When the picture was asked for that came last.
    private(set) var asked: ContinuousClock.Instant
    /// When the next is to be asked for.
    private(set) var due: ContinuousClock.Instant

    /// - Parameters:
    ///   - address: with user and password, where there are any.
    ///   - form: of the pictures, in FFmpeg's name for its codec.
    ///   - pause: between two requests.
    ///   - asked: when the first picture was, by somebody else.
    init(
        _ address: URLComponents, proxy: String, form: String, pause: Duration, asked: ContinuousClock.Instant,
        configuration: MediaConfiguration, interrupt: Interrupt
    ) {
        (self.address, self.form, self.pause, self.asked, self.interrupt) = (address, form, pause, asked, interrupt)
        client = WebClient(proxy: proxy, configuration: configuration, interrupt: interrupt)
        // Several times before the time for reading is over.
        pauseAfterFailure = min(pause, configuration.readDeadline / 4)
        due = asked + pause
        login = address.user.map { WebLogin(user: $0, password: address.password ?? "") }
    }

    /// The picture of now. To be called when it is due; blocks for as long as `interrupt` is armed for.
    /// - Returns: `nil` when cancelled.
    func next() throws(MediaError) -> [UInt8]? {
        while !interrupt.isCancelled {
            let now = ContinuousClock.now
            asked = now - due < Self.slack ? due : now
            do throws(MediaError) {
                let picture = try ask()
                due = asked + pause
                return picture
            } catch {
                guard error != .unauthorized, error != .notFoundOnServer else { throw error }
            }
            due = asked + pauseAfterFailure
            if interrupt.isOverdue { throw .stalled(after: interrupt.time) }
            interrupt.wait(until: due)
            if interrupt.isOverdue { throw .stalled(after: interrupt.time) }
        }
        return nil
    }

    private func ask() throws(MediaError) -> [UInt8] {
        var address = self.address, isKnown = false
        for _ in 0...Self.mostRedirections + 1 {
            let isOwn = address.origin == self.address.origin, place = address.origin + address.target
            var fields: [(name: String, value: String)] = []
            if let validators, validators.address == place { fields += validators.fields }
            if isOwn, let authorization = login?.authorization(for: address.target) {
                fields.append(("Authorization", authorization))
            }
            let answer = try client.get(address, fields, limit: Self.largestPicture)
            switch answer.status {
            case 200:
                guard Still.Form(answer.body)?.rawValue == form else { throw .noAnswer }
                latest = answer.body
                validators = (place, answer.validators)
                return answer.body
            case 304:
                guard let latest else { throw .noAnswer }
                return latest
            case 301, 302, 303, 307, 308:
                guard let next = answer["location"].flatMap({ address.redirected(to: $0) }) else { throw .noAnswer }
                address = next
            case 401 where isOwn && !isKnown && login?.hear(answer.all("www-authenticate")) == true: isKnown = true
            case 403 where answer["proxy-status"] != nil: throw .noAnswer
            case 401, 403: throw .unauthorized
            case 404: throw .notFoundOnServer
            default: throw .noAnswer
            }
        }
        throw .noAnswer
    }
}

extension WebAnswer {
    /// What to ask with whether there is something newer than this.
    fileprivate var validators: [(name: String, value: String)] {
        [("If-None-Match", self["etag"]), ("If-Modified-Since", self["last-modified"])].compactMap { name, value in
            value.map { (name, $0) }
        }
    }
}

extension URLComponents {
    /// Nobody's credentials are in it.
    fileprivate func redirected(to location: String) -> URLComponents? {
        guard let target = URL(string: location, relativeTo: url),
            var next = URLComponents(url: target, resolvingAgainstBaseURL: true),
            ["http", "https"].contains(next.scheme?.lowercased()), next.host?.isEmpty == false
        else { return nil }
        (next.user, next.password, next.fragment) = (nil, nil, nil)
        return next
    }
}

extension [Rate] {
    /// The pause between pictures that are asked for: as long as whoever looks most often has no use for one, and no shorter than `least`.
    /// Every so many-th of frames is of those that there could be at most.
    func pause(atLeast least: Duration) -> Duration {
        let wanted = map { rate -> Duration in
            if case .seconds(let period) = rate { .seconds(period) } else { .zero }
        }
        return Swift.max(least, wanted.min() ?? .zero)
    }
}
