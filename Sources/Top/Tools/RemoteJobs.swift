import Addresses
public import Foundation
import HTTPEdge
import JSON
import Notifications
import Records
public import Setup

/// Who asks a running daemon.
public enum RemoteCredentials: Hashable, Sendable {
    case password(login: String, password: String)
    case token(String)
}

/// Why a running daemon did not do what it was asked for.
public enum RemoteError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nobody is there, or not in time.
    case noDaemon(url: String, reason: String)
    /// Somebody else is there.
    case stranger(url: String, status: Int)
    /// In its own words.
    case wrongCredentials(url: String, String)
    case noSuchJob(UUID)
    /// In its own words.
    case refused(String)

    public var description: String {
        switch self {
        case .noDaemon(let url, let reason): "No daemon answers at \(url) (\(reason))"
        case .stranger(let url, let status): "What answers at \(url) is no Sightline daemon (status \(status))"
        case .wrongCredentials(let url, let words): "The daemon at \(url) lets nobody in by this: \(words)"
        case .noSuchJob(let id): "There is no job \(id.wire), or it is none of yours"
        case .refused(let words): words
        }
    }
}

/// The jobs of a running daemon, over its API: the database is the daemon's alone.
public struct RemoteJobs: Sendable {
    /// Bytes of an answer, of which a page of jobs may have many.
    private static let answerLimit = 64 << 20
    /// Jobs in a page.
    private static let pageSize = 100

    private let url: String
    private let headers: [(name: String, value: String)]
    private let postman: HTTPPostman

    /// - Parameters:
    ///   - url: where the API is: what stands before `/6`.
    ///   - credentials: `nil`: those of the URL, or none.
    public init(at url: String, _ credentials: RemoteCredentials?) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        switch credentials {
        case nil: headers = []
        case .token(let token): headers = [("Authorization", "Bearer \(token)")]
        case .password(let login, let password):
            headers = [("Authorization", "Basic " + Data("\(login):\(password)".utf8).base64EncodedString())]
        }
        var configuration = CallbackConfiguration()
        // Whatever the user names.
        configuration.network.allowed = ["0.0.0.0/0", "::/0"].compactMap { NetworkRange($0) }
        postman = HTTPPostman(configuration)
    }

    /// Where the daemon of these settings is reached on its own machine.
    public static func url(of settings: Settings) -> String {
        let listener = settings.listener
        let host = ["0.0.0.0": "127.0.0.1", "::": "::1"][listener.host] ?? listener.host
        return "\(listener.scheme)://\(host.contains(":") ? "[\(host)]" : host):\(listener.port)"
    }

    /// The newest first.
    /// - Parameter states: only jobs in one of them; empty: all.
    public func list(states: [String], limit: Int) async throws -> [RemoteJob] {
        var jobs: [RemoteJob] = [], page = 1
        while jobs.count < limit {
            let filter = states.isEmpty ? "" : "&states=\(states.joined(separator: ","))"
            let answer = try await ask("GET", "/6/jobs?page=\(page)&page_size=\(Self.pageSize)\(filter)", nil)
            guard let list = answer["jobs"]?.array else { throw RemoteError.stranger(url: url, status: 200) }
            jobs += try list.map(job)
            if list.count < Self.pageSize { break }
            page += 1
        }
        return Array(jobs.prefix(limit))
    }
    public func job(_ id: UUID) async throws -> RemoteJob {
        try job(await ask("GET", "/6/jobs/\(id.wire)", id))
    }
    public func cancel(_ id: UUID) async throws {
        _ = try await ask("PATCH", "/6/jobs/\(id.wire)?action=cancel", id)
    }
    /// Tells how far a job is, each second in which that changes, until it is over. A daemon that is started anew meanwhile is waited for.
    /// - Returns: it, as it ended.
    public func follow(
        _ id: UUID, every interval: Duration = .seconds(1), patience: Duration = .seconds(60),
        _ tell: (RemoteJob) -> Void
    ) async throws -> RemoteJob {
        var job = try await job(id), heard = ContinuousClock.now
        while true {
            tell(job)
            if job.end != nil { return job }
            try await Task.sleep(for: interval)
            do {
                job = try await self.job(id)
                heard = .now
            } catch let error as RemoteError {
                guard case .noDaemon = error, heard.duration(to: .now) < patience else { throw error }
            }
        }
    }

    private func job(_ json: JSONValue) throws -> RemoteJob {
        guard let job = RemoteJob(json) else { throw RemoteError.stranger(url: url, status: 200) }
        return job
    }
    /// - Parameter id: of the job that it is about.
    private func ask(_ method: String, _ path: String, _ id: UUID?) async throws -> JSONValue {
        let reply: HTTPReply
        do {
            reply = try await postman.call(method, url + path, headers: headers, limit: Self.answerLimit)
        } catch let failure as FetchFailure {
            throw RemoteError.noDaemon(url: url, reason: failure.description)
        }
        if reply.status == 204 { return .null }
        let stranger = RemoteError.stranger(url: url, status: reply.status)
        guard let json = try? JSONValue(parsing: reply.body) else { throw stranger }
        if (200..<300).contains(reply.status) { return json }
        guard let code = json["error_code"]?.integer, let words = json["detail"]?.string else { throw stranger }
        if reply.status == 401 { throw RemoteError.wrongCredentials(url: url, words) }
        if code == 90_020, let id { throw RemoteError.noSuchJob(id) }
        throw RemoteError.refused(words)
    }
}
