import Foundation
import JSON
public import Records
public import Store

/// The results of a batch in the MegaDetector batch output format, version 1.6 (`docs/contract/jobs.md` §3.5).
public struct BatchResultFile: Sendable {
    private static let portion = 1000
    let store: Store
    let job: Job
    let detector: String
    /// Whether the batch goes on.
    let isPartial: Bool

    /// - Parameters:
    ///   - detector: the model's name.
    ///   - isPartial: whether the batch goes on.
    public init(store: Store, job: Job, detector: String, isPartial: Bool = false) {
        (self.store, self.job, self.detector, self.isPartial) = (store, job, detector, isPartial)
    }

    /// `<id>_detections_<request name>_<time>.json`
    func name(_ request: String, at now: Date) -> String {
        let time = now.rfc3339.prefix(19).filter(\.isNumber)
        return "\(job.id.bare)_detections_\(request)_\(time).json"
    }

    /// - Parameter take: is given it part by part.
    public func write(_ take: ([UInt8]) async throws -> Void) async throws {
        try await take(Array((head(at: .now) + #","images":["#).utf8))
        var last = -1, isFirst = true
        while true {
            let items = try await store.items(ofJob: job.id, after: last, limit: Self.portion)
            guard let end = items.last else { break }
            last = end.number
            var text = ""
            for item in items where item.state != .pending {
                if !isFirst { text += "," }
                isFirst = false
                text += Self.text(of: item)
            }
            if !text.isEmpty { try await take(Array(text.utf8)) }
        }
        try await take(Array("]}\n".utf8))
    }

    private func head(at now: Date) -> String {
        var info: JSONValue = [
            "format_version": "1.6", "detector": .string(detector),
            "detection_completion_time": .string(String(now.rfc3339.prefix(19)).replacing("T", with: " ")),
            "detector_metadata": ["typical_detection_threshold": 0.5, "conservative_detection_threshold": 0.3],
        ]
        if isPartial, case .object(var members) = info {
            members["is_partial"] = true
            info = .object(members)
        }
        return #"{"info":\#(info.text),"detection_categories":{"2":"person"}"#
    }

    private static func text(of item: JobItem) -> String {
        var text = #"{"file":\#(JSONValue.string(item.name).text)"#
        if let meta = BatchFacts(item.facts).meta { text += #","meta":\#(JSONValue.string(meta).text)"# }
        if let result = item.result {
            // The surest is the first.
            let most = result.text.firstMatch(of: /"conf":([0-9.]+)/).map { String($0.output.1) } ?? "0.0"
            return text + #","max_detection_conf":\#(most),"detections":\#(result.text)}"#
        }
        let reason = item.error ?? ""
        let isInference = reason.hasPrefix(BatchRunner.Failure.inference.rawValue)
        let failure = (isInference ? BatchRunner.Failure.inference : .access).rawValue
        return text
            + #","failure":"\#(failure)","failure_reason":\#(JSONValue.string(reason).text),"detections":null}"#
    }
}
