import Foundation
import Analytics
import JSON
import Records
import Scene

/// An event that a handler is about to make.
struct HandledEvent {
    let id = UUID()
    let begin, end: Date
    let people: [SeenPerson]
    let data: EventData
    var isAggregated = false
    var tags: [String]
    /// What filters ask for.
    var facts = PolicyFilter.Facts()
    /// Fit to know somebody by.
    var described: DescribedFace?
    /// Why what the face looks like is not fit for that; `nil`: nobody asked what it looks like.
    var reasons: [FilterReason]?
    /// Of the descriptor, also where it is not fit.
    var score: Double?
    var matches: [JSONValue] = []
    /// By the numbers of the people.
    var faceSamples: [Int: UUID] = [:], bodySamples: [Int: UUID] = [:], origins: [Int: String] = [:]
    var attribute: UUID?
    var face: Face?
    let basic: AgeAndGender?

    init(_ people: [SeenPerson], _ data: EventData, at now: Date) {
        (self.people, self.data) = (people, data)
        // What says only when it ended may have ended before it is told.
        begin = data.begin ?? min(now, data.end ?? now)
        end = max(begin, data.end ?? begin)
        tags = data.tags ?? []
        basic = AgeAndGender.mean(of: people.compactMap(\.estimates.basicAttributes))
        facts.age = basic?.years
        facts.gender = basic?.gender.rawValue
    }

    mutating func describe(by policy: ExtractPolicy) {
        guard let mean = DescribedFace.mean(of: people.compactMap(\.described)) else { return }
        score = mean.score
        if mean.score < policy.leastScore {
            reasons = [FilterReason(filter: "score_threshold", value: mean.score, threshold: policy.leastScore)]
        } else {
            (described, reasons) = (mean, [])
        }
    }

    /// What a face or an attribute is made of; `nil` where nothing is known.
    var features: FaceFeatures? {
        guard described != nil || basic != nil else { return nil }
        let samples = faceSamples.sorted { $0.key < $1.key }.map(\.value)
        return FaceFeatures(
            descriptor: described?.descriptor, descriptorSamples: described == nil ? [] : samples,
            basic: basic.map { BasicAttributes($0) } ?? BasicAttributes(), basicSamples: basic == nil ? [] : samples)
    }

    // MARK: As it is told

    var members: [String: JSONValue] {
        var members = data.members
        members["tags"] = tags.isEmpty && data.tags == nil ? .null : .array(tags.map { .string($0) })
        if members["meta"] == nil, !isAggregated { members["meta"] = people.first?.picture.meta }
        members["matches"] = matches.isEmpty ? .null : .array(matches)
        members["detections"] = .array(people.indices.map(detection))
        members["face"] = face.map { wire($0) } ?? .null
        members["face_attributes"] = attributes
        if isAggregated { members["aggregate_estimations"] = ["face": ["attributes": estimations]] }
        return members
    }
    private func detection(_ number: Int) -> JSONValue {
        let person = people[number], picture = person.picture
        return GeneratedEvent.detection(
            face: person.face.map { GeneratedEvent.face($0.detection, sample: faceSamples[number]) },
            body: person.body.map { GeneratedEvent.body($0.detection, sample: bodySamples[number]) },
            time: picture.time, offset: picture.offset.map { .number($0) } ?? .null, origin: origins[number],
            fileName: picture.fileName)
    }
    private func wire(_ face: Face) -> JSONValue {
        var members = face.wire([.id, .eventID, .userData, .externalID, .avatar, .lists]).object ?? [:]
        members["url"] = .string(Face.path(of: face.id))
        return .object(members)
    }
    /// Of the face; null where nothing was asked for or found.
    private var attributes: JSONValue {
        guard described != nil || reasons != nil || basic != nil else { return .null }
        let samples = people.indices.filter { people[$0].face != nil }.map { number -> JSONValue in
            faceSamples[number].map { .string($0.wire) } ?? .null
        }
        var members: [String: JSONValue] = [
            "attribute_id": attribute.map { .string($0.wire) } ?? .null,
            "url": attribute.map { .string(FaceAttribute.path(of: $0)) } ?? .null, "samples": .array(samples),
        ]
        members["score"] = (score ?? described?.score).map { .number($0) }
        members["basic_attributes"] = basic.map { JSONValue($0) }
        if let reasons {
            members["filter"] = [
                "is_filtered": .bool(!reasons.isEmpty), "filter_reasons": .array(reasons.map(\.wire)),
            ]
        }
        return .object(members)
    }
    /// What several pictures say together.
    private var estimations: JSONValue {
        guard let emotions = Emotions.mean(of: people.compactMap(\.estimates.emotions)) else { return [:] }
        return ["emotions": JSONValue(emotions)]
    }
}
