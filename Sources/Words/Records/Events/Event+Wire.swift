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
        let bodies = pictures.filter { $0.picture.kind == .bodySample }
        if !bodies.isEmpty {
            members["detections"] = .array(bodies.map { Self.detection($0, isStored: place.isStored) })
            members["aggregate_estimations"] = ["body": Self.aggregates(bodies)]
        }
        members["detections"] = Self.detections(members["detections"], withOriginsAmong: pictures)
        return GeneratedEvent.members(members, id: id, isStored: place.isStored)
    }
    /// A sample that was not kept is still a detection.
    private static func detection(_ body: ToldPicture, isStored: Bool) -> JSONValue {
        let picture = body.picture
        return GeneratedEvent.detection(
            body: GeneratedEvent.body(
                .object(picture.facts.members), sample: isStored && body.told != nil ? picture.id : nil),
            time: picture.time.wallClock, offset: picture.time.pts.wire)
    }
    private static func aggregates(_ bodies: [ToldPicture]) -> JSONValue {
        var members: [String: JSONValue] = [:]
        for body in bodies {
            guard case .body(let aggregates) = body.picture.role, let shot = body.shot else { continue }
            if aggregates.contains(.samples) {
                members["samples"] = .array((members["samples"]?.array ?? []) + [.object(shot)])
            }
            if aggregates.contains(.thumbnail) { members["thumbnail"] = .object(shot) }
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
