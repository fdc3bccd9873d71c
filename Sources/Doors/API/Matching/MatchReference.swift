import Foundation
import HTTPEdge
import JSON
import Records

/// Who is looked for: `docs/contract/recognition.md §7`.
struct MatchReference: Sendable {
    enum Kind: String, CaseIterable {
        case face, event, attribute
        case faceExternalID = "face_external_id"
        case eventExternalID = "event_external_id"
        case trackID = "event_track_id"
        case sdk = "sdk_descriptor"
        case raw = "raw_descriptor"
        case xpk = "xpk_file"

        /// What somebody needs who comes with a token; `nil`: nothing that is stored is named.
        var right: Right? {
            switch self {
            case .face, .faceExternalID: Right(.face, .matching)
            case .event, .eventExternalID, .trackID: Right(.event, .matching)
            case .attribute: Right(.attribute, .matching)
            case .sdk, .raw, .xpk: nil
            }
        }
        static let withData: [Kind] = [.sdk, .raw, .xpk]
        static let ofBodies: [Kind] = [.event, .eventExternalID, .trackID, .sdk, .raw, .xpk]
    }
    enum Subject: Sendable {
        case face(UUID)
        case attribute(UUID)
        case event(UUID)
        case faceExternalID(String)
        case eventExternalID(String)
        case trackID(String)
        case descriptor(Descriptor)
    }
    let kind: Kind
    /// As it was sent.
    let id: String
    let subject: Subject

    /// Somebody who is named in another way than in a body.
    init(_ kind: Kind, _ id: String, _ subject: Subject) { (self.kind, self.id, self.subject) = (kind, id, subject) }

    /// - Parameters:
    ///   - kinds: those that may be named.
    ///   - areBodies: then no descriptor is one: there is no network for bodies.
    init(_ reader: JSONReader, of kinds: [Kind] = Kind.allCases, areBodies: Bool = false) throws {
        let type = try reader.required("type")
        let word = try type.string(oneOf: kinds.map(\.rawValue))
        guard let kind = Kind(rawValue: word) else { throw Refusal.internalError }
        self.kind = kind
        let hasData = Kind.withData.contains(kind)
        _ = try reader.object(known: hasData ? ["type", "id", "data"] : ["type", "id"])
        let named = try reader.required("id")
        id = try named.string(maximumLength: 36)
        subject =
            switch kind {
            case .face: .face(try named.id())
            case .event: .event(try named.id())
            case .attribute: .attribute(try named.id())
            case .faceExternalID: .faceExternalID(id)
            case .eventExternalID: .eventExternalID(id)
            case .trackID: .trackID(try named.name(maximumLength: 36))
            case .xpk: throw APIError.noXPK
            case .sdk, .raw:
                .descriptor(try Descriptor(try reader.required("data"), kind: kind, isOfBody: areBodies))
            }
    }
}

extension Descriptor {
    fileprivate init(_ data: JSONReader, kind: MatchReference.Kind, isOfBody: Bool) throws {
        let isObject = data.value.object?["descriptor"] != nil
        if kind == .raw, !isObject { _ = try data.required("descriptor") }
        if kind == .sdk, isObject { throw data.violation("Input should be an SDK descriptor") }
        guard isOfBody else {
            try self.init(data)
            return
        }
        // What is none is still told as that.
        if kind == .raw, let version = try data.required("version").value.integer {
            throw APIError.noBodyDescriptors(Int(version))
        }
        _ = try Descriptor(data)
        throw APIError.noBodyDescriptors(Descriptor.version)
    }
}
