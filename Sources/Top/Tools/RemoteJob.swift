public import Foundation
import JSON
import Records

/// A job of a running daemon, as its API tells it.
public struct RemoteJob: Sendable {
    public let id: UUID
    public let kind: String
    public let state: String
    /// Why it failed.
    public let error: String?
    let all, done, failed, percent: Int
    /// Of items' weights in a second.
    let rate: Double?
    let secondsLeft: Double?
    let createTime: String
    /// All that was told of it.
    let json: JSONValue
    /// As JSON.
    public var text: String { json.text }

    /// `nil` for what is no job.
    init?(_ json: JSONValue) {
        guard let id = json["job_id"]?.string.flatMap({ UUID(wire: $0) }), let kind = json["kind"]?.string,
            let state = json["state"]?.string
        else { return nil }
        func count(_ name: String) -> Int { json["progress"]?[name]?.integer.map { Int($0) } ?? 0 }
        (self.id, self.kind, self.state, self.json) = (id, Self.plain(kind), Self.plain(state), json)
        error = json["error"]?.string.map(Self.plain)
        (all, done, failed, percent) = (count("all"), count("done"), count("failed"), count("percent"))
        rate = json["progress"]?["rate"]?.double
        secondsLeft = json["progress"]?["seconds_left"]?.double
        createTime = Self.plain(json["create_time"]?.string ?? "")
    }

    /// Without what a terminal would take for an order.
    private static func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}

// What people read of it.
extension RemoteJob {
    public enum End: Sendable { case done, failed, cancelled }
    /// `nil` while it goes on.
    public var end: End? {
        switch state {
        case "done": .done
        case "failed": .failed
        case "cancelled": .cancelled
        default: nil
        }
    }
    /// From 0 to 1.
    public var share: Double { Double(min(100, max(0, percent))) / 100 }

    private var items: String {
        switch (all, failed) {
        case (0, _): ""
        case (_, 0): "  \(done) of \(all) done"
        default: "  \(done) of \(all) done, \(failed) failed"
        }
    }
    /// How far it is, in a line that changes when that does.
    public var line: String { "\(state)  \(percent)%\(items)" }
    /// The same, with how fast it goes and how long it will take.
    public var livelyLine: String {
        var line = line
        if let rate { line += String(format: "  %.1f/s", rate) }
        if let secondsLeft, secondsLeft < 1e7 {
            let left = Int(secondsLeft.rounded(.up))
            line +=
                left < 3600
                ? String(format: "  %d:%02d left", left / 60, left % 60)
                : String(format: "  %d:%02d:%02d left", left / 3600, left / 60 % 60, left % 60)
        }
        return line
    }
    /// One of many, in columns.
    public var row: String {
        func column(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        return "\(id.wire)  \(createTime)  \(column(kind, 13))  \(column(state, 20))  \(percent)%\(items)"
    }
    /// All of it, a fact in each line.
    public var page: String {
        func word(_ name: String) -> String? { json[name]?.string.map(Self.plain) }
        let facts: [(String, String?)] = [
            ("job", id.wire), ("kind", kind), ("state", livelyLine), ("error", error), ("account", word("account_id")),
            ("created", createTime), ("begun", word("start_time")), ("ended", word("end_time")),
            ("kept until", word("expiry_time")),
        ]
        return facts.compactMap { name, value in
            value.map { name + String(repeating: " ", count: 12 - name.count) + $0 }
        }.joined(separator: "\n")
    }
}
