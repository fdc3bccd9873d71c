import Foundation
import JSON
import Records
import Scene

/// An event of a video as the answer tells it, one form for all analytics: `docs/contract/analytics.md §7.2`, `§7.3`.
///
/// It is written part by part, since one person of an hour is a hundred thousand frames.
struct VideoEvent {
    /// The member that holds a picture, in Base64 as JSON has it.
    static let pictureMembers: Set = ["image"]
    private let event: Event
    private let form: AnswerForm

    init(_ event: Event, as form: AnswerForm) { (self.event, self.form) = (event, form) }

    var bytes: [UInt8] {
        let isPerson = event.form == .generated
        var members: [String: [UInt8]] = [
            "event_id": form.bytes(.string(event.id.wire)), "track_id": form.bytes(.string(event.trackID.wire)),
            "video_segment": form.bytes([
                "start_time_offset": event.begin.pts.wire, "end_time_offset": event.end.pts.wire,
            ]),
            "frames_estimations": form.array(
                of: event.estimations.map { estimation in
                    let facts = estimation.facts.members
                    return form.bytes(
                        .object(
                            (isPerson ? ["estimated": .object(facts)] : facts).merging(
                                ["time_offset": estimation.time.pts.wire]) { $1 }))
                }),
        ]
        if isPerson {
            members["aggregated_estimations"] = form.object(of: ["face": aggregates(.face), "body": aggregates(.body)])
        } else {
            for (name, value) in event.facts.members { members[name] = form.bytes(value) }
        }
        for picture in event.pictures {
            guard case .frame(let member) = picture.role, let shot = shot(picture, picture.facts.members) else {
                continue
            }
            members[member] = shot
        }
        return form.object(of: members)
    }

    /// `null` where no sample was asked for, and where there is none.
    private func aggregates(_ side: Event.Picture.Side) -> [UInt8] {
        var samples: [[UInt8]] = [], members: [String: [UInt8]] = [:]
        for picture in event.pictures {
            guard let role = picture.role.sample, role.side == side, let shot = shot(picture) else { continue }
            if role.aggregates.contains(.samples) { samples.append(shot) }
            if role.aggregates.contains(.thumbnail) { members["thumbnail"] = shot }
        }
        if !samples.isEmpty { members["samples"] = form.array(of: samples) }
        if side == .face, let basic = event.facts.members["face_attributes"]?["basic_attributes"] {
            members["basic_attributes"] = form.bytes([
                "age": basic["age"] ?? .null, "gender": basic["gender"] ?? .null, "ethnicity": .null,
            ])
        }
        return members.isEmpty ? form.bytes(.null) : form.object(of: members)
    }

    /// `nil` for a picture that cannot be had.
    private func shot(_ picture: Event.Picture, _ facts: [String: JSONValue] = [:]) -> [UInt8]? {
        guard case .whole(let image)? = picture.base64 else { return nil }
        return form.bytes(
            .object(facts.merging(["time_offset": picture.time.pts.wire, "image": .string(image)]) { $1 }),
            bytesIn: Self.pictureMembers)
    }
}

extension JSONValue {
    /// Seconds, to the millisecond.
    static func seconds(_ seconds: Double) -> JSONValue { .number((seconds * 1000).rounded() / 1000) }
}
