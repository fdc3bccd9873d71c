import Foundation
public import JSON
import Records
import Scene
import Synchronization

/// What a picture shows to a handler.
public struct SeenPicture: Sendable {
    public let people: [SeenPerson]
    /// Faces that did not pass, as answers tell them: items of `filtered_detections.face_detections`.
    public let filtered: [JSONValue]
    /// `image_estimations`; `nil`: nothing of it was asked for.
    public let estimations: JSONValue?
    /// `nil`: not asked for.
    public let exif: JSONValue?
}

/// One person as a picture shows him.
public struct SeenPerson: Sendable {
    /// The aligned face, or the crop of the body.
    enum Sample: Sendable {
        /// It could not be cut out.
        case missing
        case file(HandledPicture.File)
        /// It is stored already.
        case stored(UUID)
    }
    struct Side: Sendable {
        let detection: JSONValue
        let sample: Sample
    }
    var face, body: Side?
    /// What the face looks like; `nil`: not asked for, or there is no telling.
    var described: DescribedFace?
    var estimates = FaceEstimates()
    let picture: PictureFacts
}

extension SeenPerson {
    /// The face and the body of one person, who was cut out twice.
    public static func joined(_ parts: [SeenPerson]) -> [SeenPerson] {
        guard var person = parts.first else { return [] }
        for part in parts.dropFirst() {
            person.face = person.face ?? part.face
            person.body = person.body ?? part.body
        }
        return [person]
    }
}

/// What is known of a picture when its pixels are gone, for all whom it shows.
final class PictureFacts: Sendable {
    let fileName: String
    let time: Date
    let offset: Double?
    let meta: JSONValue?
    let origin: HandledPicture.Origin?
    let notes: [String: String]
    /// Where the picture itself is found.
    let link: String?
    /// The picture itself, where it may be that it is to be kept.
    let file: HandledPicture.File?
    /// What an event that was made before has kept of it.
    private let kept = Mutex<String?>(nil)

    init(_ picture: HandledPicture, file: HandledPicture.File?) {
        (fileName, time, offset, meta) = (picture.fileName, picture.time, picture.offset, picture.meta)
        (origin, notes, self.file) = (picture.origin, picture.notes, file)
        link = picture.reference
    }

    var keptOrigin: String? {
        get { kept.withLock { $0 } }
        set { kept.withLock { $0 = newValue } }
    }
}

extension HandledPicture {
    static let longestLink = 256
    /// Where it is found: its address, unless that is too long for an event, or the sample that it is.
    var reference: String? {
        if let sample { return (kind == .bodyWarp ? StoredObject.Kind.bodySample : .faceSample).path(of: sample) }
        return link.flatMap { $0.unicodeScalars.count <= Self.longestLink ? $0 : nil }
    }
}
