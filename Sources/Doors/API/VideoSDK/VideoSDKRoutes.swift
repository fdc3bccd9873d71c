import Analytics
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import Jobs
import Records

/// `/6/videosdk`: looks at one video while its client waits, and keeps nothing.
struct VideoSDKRoutes: Sendable {
    let services: Services

    func add(to table: ResourceTable) {
        table.add("/6/videosdk", .post(.right(.resources, .sdk), body: .json(), analyse))
    }

    @Sendable private func analyse(_ call: Call) async throws -> Response {
        let (jobs, look) = (services.jobs, services.videos), form = AnswerForm(for: call)
        return try await call.answerPatiently(atMost: look.configuration.videoTimeout) { document in
            let body = try VideoBody(document, catalogue: services.catalogue, settings: services.settings)
            var draft = JobDraft(accountID: call.caller.account.id, kind: .videosdk, parameters: document.value)
            draft.items = [JobItemDraft(name: body.url)]
            do {
                let findings = try await jobs.attend(draft) { meter in
                    try await look.look(at: body.wish, meter) { VideoEvent($0, as: form).bytes }
                }
                return Response.bytes(Self.answer(findings, body, form), type: form.rawValue)
            } catch {
                throw APIError(error, video: body.url) ?? error
            }
        }
    }

    private static func answer(_ findings: VideoFindings, _ body: VideoBody, _ form: AnswerForm) -> [UInt8] {
        var video: [String: JSONValue] = [
            "frames_count": .integer(Int64(findings.frameCount)), "duration": .seconds(findings.duration),
            "error_count": .integer(Int64(findings.errorCount)),
            "processed_parts": .array(
                [findings.processed].compactMap(\.self).map { part in
                    ["start_offset": .seconds(part.lowerBound), "end_offset": .seconds(part.upperBound)]
                }),
        ]
        video["frame_rate"] = findings.frameRate.map { .seconds($0) }
        var results: [[UInt8]] = []
        for (choice, (resultName, events)) in zip(body.wish.analytics, zip(body.resultNames, findings.events)) {
            var result = ["events": form.array(of: events)]
            // Each person is one event, from the first sight to the last.
            if AnalyticCatalogue.followingNames.contains(choice.name) {
                result["track_count"] = form.bytes(.integer(Int64(events.count)))
            }
            results.append(
                form.object(of: [
                    "name": form.bytes(.string(choice.name)),
                    "result": form.object(of: [resultName: form.object(of: result)]),
                ]))
        }
        return form.object(of: ["analytics": form.array(of: results), "video_data": form.bytes(.object(video))])
    }
}
