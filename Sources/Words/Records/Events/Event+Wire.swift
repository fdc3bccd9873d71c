import Foundation
public import JSON
public import Scene

extension Event {
    /// The event as a callback and `analyze --events` carry it: the envelope and the event itself.
    ///
    /// `event_create_time` and `event_end_time` are the wall-clock times of its first and latest frame.
    /// - Parameter told: how each picture is told; `nil` for one that was not kept.
    public func wire(at place: EventPlace, told: (Picture) -> Picture.Told? = \.base64) -> JSONValue {
        let kept = pictures.map { ToldPicture(picture: $0, told: told($0)) }
        return [
            "event_type": .string(type),
            "account_id": .string(place.account.wire),
            "event_create_time": .string(begin.wallClock.rfc3339),
            "event_end_time": .string(end.wallClock.rfc3339),
            "event": .object(form == .general ? members(at: place, kept) : generated(at: place, kept)),
        ]
    }

    private struct ToldPicture {
        let picture: Picture
        let told: Picture.Told?
        /// `nil` when it was not kept.
        var shot: [String: JSONValue]? {
            told.map { ["time_offset": picture.time.pts.wire, "image": .string($0.text)] }
        }
    }

    /// The `event` member of `wire`. A picture is there only when it was kept.
    private func members(at place: EventPlace, _ pictures: [ToldPicture]) -> [String: JSONValue] {
        var members = facts.members
        members["stream_id"] = .string(place.stream.wire)
        members["event_id"] = .string(id.wire)
        members["track_id"] = .string(trackID.wire)
        members["video_segment"] = ["start_time_offset": begin.pts.wire, "end_time_offset": end.pts.wire]
        members["location"] = place.location
        for kept in pictures {
            guard case .frame(let member) = kept.picture.role, let shot = kept.shot else { continue }
            members[member] = .object(kept.picture.facts.members.merging(shot) { $1 })
        }
        return members
    }

    private func generated(at place: EventPlace, _ pictures: [ToldPicture]) -> [String: JSONValue] {
        var members = members(at: place, pictures)
        if !place.source.isEmpty { members["source"] = .string(place.source) }
        let samples = pictures.filter { $0.picture.role.sample != nil }
        if !samples.isEmpty {
            members["detections"] = .array(Self.detections(samples, isStored: place.isStored))
            members["aggregate_estimations"] = [
                "face": Self.aggregates(samples, .face), "body": Self.aggregates(samples, .body),
            ]
        }
        members["detections"] = Self.detections(members["detections"], withOriginsAmong: pictures)
        return GeneratedEvent.members(members, id: id, isStored: place.isStored)
    }
    /// One for each face, with the body that is a sample of the same frame, then one for each other body.
    private static func detections(_ samples: [ToldPicture], isStored: Bool) -> [JSONValue] {
        func of(_ side: Picture.Side) -> [ToldPicture] { samples.filter { $0.picture.role.sample?.side == side } }
        let faces = of(.face)
        var bodies = of(.body)
        let withFaces = faces.map { face in
            let index = bodies.firstIndex { $0.picture.time == face.picture.time }
            let body = index.map { bodies.remove(at: $0) }
            return detection(face: face, body: body, at: face.picture.time, isStored: isStored)
        }
        return withFaces + bodies.map { detection(body: $0, at: $0.picture.time, isStored: isStored) }
    }
    /// A sample that was not kept is still a detection.
    private static func detection(
        face: ToldPicture? = nil, body: ToldPicture? = nil, at time: FrameTime, isStored: Bool
    ) -> JSONValue {
        func id(_ told: ToldPicture) -> UUID? { isStored && told.told != nil ? told.picture.id : nil }
        return GeneratedEvent.detection(
            face: face.map { GeneratedEvent.face(.object($0.picture.facts.members), sample: id($0)) },
            body: body.map { GeneratedEvent.body(.object($0.picture.facts.members), sample: id($0)) },
            time: time.wallClock, offset: time.pts.wire)
    }
    private static func aggregates(_ samples: [ToldPicture], _ side: Picture.Side) -> JSONValue {
        var members: [String: JSONValue] = [:]
        for sample in samples {
            guard let role = sample.picture.role.sample, role.side == side, let shot = sample.shot else { continue }
            if role.aggregates.contains(.samples) {
                members["samples"] = .array((members["samples"]?.array ?? []) + [.object(shot)])
            }
            if role.aggregates.contains(.thumbnail) { members["thumbnail"] = .object(shot) }
        }
        return .object(members)
    }
    /// Says of each detection which kept picture of a whole frame shows it.
    private static func detections(_ given: JSONValue?, withOriginsAmong pictures: [ToldPicture]) -> JSONValue? {
        var origins: [JSONValue: JSONValue] = [:]
        for kept in pictures {
            guard case .frame = kept.picture.role, case .link(let link)? = kept.told else { continue }
            origins[kept.picture.time.pts.wire] = .string(link)
        }
        guard !origins.isEmpty, let given = given?.array else { return given }
        return .array(
            given.map { detection in
                guard var members = detection.object, let time = members["detect_ts"], let origin = origins[time]
                else { return detection }
                members["image_origin"] = origin
                return .object(members)
            })
    }
}

extension Event.Picture.Told {
    fileprivate var text: String {
        switch self {
        case .link(let text), .whole(let text): text
        }
    }
}

extension MediaTime {
    /// Seconds, to the millisecond.
    public var wire: JSONValue { .number((Double(nanoseconds) / 1e6).rounded() / 1000) }
}
