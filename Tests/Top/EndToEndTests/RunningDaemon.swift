import Foundation
import FoundationNetworking
import JSON
import ProcessSupport

/// `sightline serve` on a data directory, as a process of its own that can be killed.
final class RunningDaemon: Sendable {
    let process: ChildProcess
    let base: String
    let login: String
    let accountID: UUID

    struct DidNotStart: Error { let log: String }

    /// What it has logged.
    let log: URL

    init(data: URL, media: URL, environment: [String: String] = [:]) async throws {
        let log = data.appending(path: "serve-\(UUID()).log")
        try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        let process = try Program.start(
            "sightline", ["serve", "--data-dir", data.path, "--port", "0", "--media-root", media.path],
            environment: environment, errors: log)
        (self.process, self.log) = (process, log)

        // The port is known once the daemon says so.
        var address: Substring?
        while address == nil {
            let text = try String(contentsOf: log, encoding: .utf8)
            address = text.firstMatch(of: /address=(http:\/\/\S+)/)?.output.1
            guard process.isRunning else { throw DidNotStart(log: text) }
            if address == nil { try await Task.sleep(for: .milliseconds(50)) }
        }
        base = String(address!)
        let account = try JSONValue(parsing: Data(contentsOf: data.appending(path: "initial-account.json")))
        login = Data("\(account["login"]!.string!):\(account["password"]!.string!)".utf8).base64EncodedString()
        accountID = UUID(uuidString: account["account_id"]!.string!)!
    }

    deinit { process.send(signal: SIGKILL) }

    func request(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> (Int, JSONValue) {
        var request = URLRequest(url: URL(string: base + path)!)
        request.httpMethod = method
        request.setValue("Basic \(login)", forHTTPHeaderField: "Authorization")
        if let body {
            request.httpBody = body.data
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        }
        let (data, response) = try await URLSession.shared.data(for: request)
        let value = data.isEmpty ? JSONValue.null : try JSONValue(parsing: data)
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, value)
    }

    func text(_ path: String, accept: String) async throws -> String {
        var request = URLRequest(url: URL(string: base + path)!)
        request.setValue("Basic \(login)", forHTTPHeaderField: "Authorization")
        request.setValue(accept, forHTTPHeaderField: "Accept")
        return String(decoding: try await URLSession.shared.data(for: request).0, as: UTF8.self)
    }

    /// Polls until the stream has one of the statuses; the daemon works at its own pace, so there is no other way to wait.
    func wait(for stream: String, _ statuses: Set<Int64>) async throws -> Int64 {
        while true {
            let status = try await request("GET", "/6/streams/\(stream)").1["status"]?.integer
            if let status, statuses.contains(status) { return status }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    func kill() async {
        process.send(signal: SIGKILL)
        _ = await process.end()
    }
    func terminate() async -> Int32 {
        process.send(signal: SIGTERM)
        return await process.end()
    }
}
