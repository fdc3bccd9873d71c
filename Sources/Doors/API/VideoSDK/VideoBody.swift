import Analytics
import Foundation
import JSON
import Jobs
import Records

/// Reads the body of `POST /6/videosdk`: `docs/contract/analytics.md §7.1`. Never looks at what the URL leads to.
struct VideoBody {
    let wish: VideoLook.Wish
    let url: String
    /// The name of the result of each analytic.
    let resultNames: [String]
    private static let longestURL = 8192

    init(_ body: JSONReader, catalogue: AnalyticCatalogue, settings: APISettings) throws {
        _ = try body.object(known: ["video", "analytics"])
        let video = try body.required("video")
        _ = try video.object(known: ["url", "orientation", "pts", "error_handling"])
        let url = try video.required("url"), orientation = try video.optional("orientation")
        let pts = try video.optional("pts"), errorHandling = try video.optional("error_handling")
        _ = try orientation?.object(known: ["angle"])
        _ = try pts?.object(known: ["start_time"])
        _ = try errorHandling?.object(known: ["action"])
        self.url = try url.url(maximumLength: Self.longestURL)
        let source = SourceSpecification(
            kind: .file, reference: self.url, isDownloadable: true,
            rotation: try orientation?.required("angle").rotation() ?? 0,
            startTime: try pts?.required("start_time").startTime() ?? 0)
        let action = try errorHandling?.required("action").string(oneOf: ["fail", "stop"])
        let entries = try body.required("analytics").items(minimum: 1, maximum: settings.analyticsLimit).map {
            try AnalyticEntry.named(by: $0, in: catalogue)
        }
        wish = VideoLook.Wish(
            source: source, analytics: entries.map(\.choice), allowsDamage: action == "stop")
        resultNames = entries.map(\.entry.resultName)
    }
}

extension AnalyticEntry {
    /// What a stream has beside these is not there: nobody is told of events before all are known.
    private static let refused = ["event_policy", "handler_id"]

    /// - Parameter reader: `{name, targets, parameters}`.
    fileprivate static func named(
        by reader: JSONReader, in catalogue: AnalyticCatalogue
    ) throws -> (entry: AnalyticEntry, choice: AnalyticChoice) {
        var members = try reader.object(known: ["name", "targets", "parameters"])
        let name = try reader.required("name").string()
        guard AnalyticCatalogue.ownNames.contains(name), let entry = catalogue[name] else {
            throw APIError.unsupportedAnalytic(name)
        }
        if let parameters = try reader.optional("parameters") {
            let given = try parameters.object()
            for name in refused {
                guard let member = given[name] else { continue }
                throw parameters.child(name, member).violation("Extra inputs are not permitted")
            }
        }
        members["name"] = nil
        // As a stream has them, so that what is wrong is found at the same path.
        let parameters = JSONReader(.object(members), path: reader.path)
        let prepared = try entry.prepare(parameters)
        if let own = prepared?.analytic.requirements.privacy {
            try parameters.check(own, in: nil, catalogue.abilities)
        }
        return (entry, AnalyticChoice(name: name, parameters: parameters.value))
    }
}

extension JSONReader {
    /// An absolute address of HTTP.
    fileprivate func url(maximumLength: Int) throws(JSONViolation) -> String {
        let text = try string(maximumLength: maximumLength)
        guard let components = URLComponents(string: text), let scheme = components.scheme?.lowercased(),
            ["http", "https"].contains(scheme), components.host?.isEmpty == false
        else { throw violation("Input should be a valid URL that begins with 'http' or 'https'") }
        return text
    }
}
