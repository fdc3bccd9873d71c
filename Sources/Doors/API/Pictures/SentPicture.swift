import Foundation
import HTTPEdge
import JSON
import ObjectStore
import Records
import Scene

/// One picture of a request, not yet looked at.
struct SentPicture: Sendable {
    enum Source: Sendable {
        case bytes(ArraySlice<UInt8>)
        case base64(Data)
        case url(String)
        /// What was at a URL, or why there was nothing.
        case fetched(Result<ObjectUpload, APIError>)
        case sample(UUID)
    }
    /// `nil`: it has none.
    var fileName: String?
    var source: Source
    /// Where somebody says that a face or a body is.
    var face, body: BoundingBox?
    /// Whether he says so of more than one.
    var hasSeveralBoxes = false
    /// Where it was fetched from.
    var link: String?
    /// What else is said of it, where events are made.
    var details = SentDetails()
    /// Whether it is at a URL still.
    var isAway: Bool { if case .url = source { true } else { false } }

    /// A picture in the forms that we read, by what is said of it.
    static let types: Set<String> = [
        "image/jpeg", "image/png", "image/bmp", "image/tiff", "image/x-portable-pixmap", "image/webp",
    ]
    /// The same in Base64.
    static let base64Types: Set<String> = [
        "image/x-jpeg-base64", "image/x-png-base64", "image/x-bmp-base64", "image/x-tiff-base64",
        "image/x-portable-pixmap-base64", "image/x-webp-base64",
    ]
    /// Pictures in one body of several parts at most.
    static let mostParts = 64
    static let mostReferences = 8

    /// - Parameters:
    ///   - contentType: of the request.
    ///   - areCrops: boxes beside crops say nothing.
    static func read(_ body: [UInt8], contentType: String?, areCrops: Bool) throws -> [SentPicture] {
        try SentRequest(body, contentType: contentType, areCrops: areCrops).pictures
    }
}

/// What a request with pictures says.
struct SentRequest: Sendable {
    var pictures: [SentPicture]
    /// Of all events that are made of them, where they say nothing themselves.
    var meta: JSONValue?
    /// That events are made by.
    var policies: JSONReader?

    /// - Parameters:
    ///   - contentType: of the request.
    ///   - areCrops: boxes beside crops say nothing.
    ///   - isForEvents: whether it may say what only those may say who want events.
    init(_ body: [UInt8], contentType: String?, areCrops: Bool, isForEvents: Bool = false) throws {
        self = try Self.read(body, contentType: contentType, isForEvents)
        guard areCrops || !pictures.contains(where: \.hasSeveralBoxes) else { throw APIError.severalBoxes }
    }
    private init(_ pictures: [SentPicture], meta: JSONValue? = nil, policies: JSONReader? = nil) {
        (self.pictures, self.meta, self.policies) = (pictures, meta, policies)
    }
    private static func read(_ body: [UInt8], contentType: String?, _ isForEvents: Bool) throws -> SentRequest {
        let type = MediaType.essence(of: contentType ?? "")
        if SentPicture.types.contains(type) { return SentRequest([SentPicture(source: .bytes(body[...]))]) }
        if SentPicture.base64Types.contains(type) {
            return SentRequest([SentPicture(source: SentPicture.base64(Data(body)))])
        }
        switch type {
        case "application/json":
            guard let value = try? JSONValue(parsing: Data(body)) else { throw Refusal.notJSON }
            return try read(JSONReader(value), isForEvents)
        case "multipart/form-data":
            guard let boundary = MultipartForm.boundary(in: contentType ?? "") else { throw Refusal.badContentType }
            guard let form = MultipartForm(body, boundary: boundary) else { throw APIError.badMultipart }
            return try read(form, isForEvents)
        default: throw Refusal.badContentType
        }
    }

    // MARK: JSON

    private static func read(_ body: JSONReader, _ isForEvents: Bool) throws -> SentRequest {
        let members = try body.object()
        let beside: Set<String> = isForEvents ? ["meta"] : []
        let own = SentPicture.boxMembers.union(isForEvents ? SentDetails.members : [])
        func meta() throws -> JSONValue? { try isForEvents ? body.present("meta")?.freeMeta() : nil }
        if members["urls"] != nil {
            _ = try body.object(known: beside.union(["urls"]))
            let urls = try body.required("urls").items(minimum: 1, maximum: SentPicture.mostReferences)
            let pictures = try urls.map { item in
                _ = try item.object(known: own.union(["url"]))
                let url = try item.required("url").string(maximumLength: 8192)
                return try SentPicture(source: .url(url), link: url).placed(by: item, isForEvents)
            }
            return SentRequest(pictures, meta: try meta())
        }
        if members["samples"] != nil {
            _ = try body.object(known: beside.union(["samples"]))
            let samples = try body.required("samples").items(minimum: 1, maximum: SentPicture.mostReferences)
            return SentRequest(try samples.map { try sample($0, isForEvents) }, meta: try meta())
        }
        _ = try body.object(known: own.union(["image", "mimetype"]))
        let image = try body.required("image").string()
        let known = SentPicture.types.union(SentPicture.base64Types).sorted()
        _ = try body.required("mimetype").string(oneOf: known)
        let picture = SentPicture(source: SentPicture.base64(Data(image.utf8)))
        return SentRequest([try picture.placed(by: body, isForEvents)])
    }
    private static func sample(_ item: JSONReader, _ isForEvents: Bool) throws -> SentPicture {
        guard isForEvents, item.value.object != nil else {
            guard let id = UUID(wire: try item.string()) else { throw item.violation("Input should be a valid UUID") }
            return SentPicture(source: .sample(id))
        }
        _ = try item.object(known: SentDetails.members.union(["sample_id"]))
        var picture = SentPicture(source: .sample(try item.required("sample_id").id()))
        picture.details = try SentDetails(item)
        return picture
    }

    // MARK: Several parts

    private static let placeParts: Set = ["face_bounding_boxes", "body_bounding_boxes"]
    private static let detailParts: Set = ["image_detect_time", "image_detect_ts"]

    private static func read(_ form: MultipartForm, _ isForEvents: Bool) throws -> SentRequest {
        var request = SentRequest([]), known: Set<String> = []
        let details = isForEvents ? detailParts.union(["meta", "policies"]) : []
        for part in form.parts {
            switch part.name {
            case "image": try request.add(part, isForEvents)
            case _ where isForEvents && part.name == "image_origin": break
            case _ where placeParts.contains(part.name) || details.contains(part.name):
                guard known.insert(part.name).inserted else { throw APIError.duplicatePart(part.name) }
            default: throw APIError.unknownPart(part.name)
            }
        }
        guard !request.pictures.isEmpty else { throw APIError.noPicturePart }
        guard request.pictures.count <= SentPicture.mostParts else {
            throw JSONReader(.null, path: "image").violation(
                "List should have at most \(SentPicture.mostParts) items after validation, not \(request.pictures.count)"
            )
        }
        for part in form.parts where placeParts.contains(part.name) { try request.place(by: part) }
        guard isForEvents else { return request }
        for part in form.parts { try request.tell(by: part) }
        return request
    }
    private mutating func add(_ part: MultipartForm.Part, _ isForEvents: Bool) throws {
        let type = MediaType.essence(of: part.headers["content-type"] ?? "")
        let isBase64 = SentPicture.base64Types.contains(type)
        guard isBase64 || SentPicture.types.contains(type) else { throw APIError.badPartType }
        try SentPicture.checkTrust(part)
        let fileName = part.fileName.flatMap { $0.isEmpty ? nil : $0 }
        if let fileName, pictures.contains(where: { $0.fileName == fileName }) {
            throw APIError.duplicatePart(fileName)
        }
        var picture = SentPicture(
            fileName: fileName, source: isBase64 ? SentPicture.base64(Data(part.bytes)) : .bytes(part.bytes))
        if isForEvents { picture.details.note(part.headers) }
        pictures.append(picture)
    }
    private func index(of item: JSONReader) throws -> Int {
        let name = try item.required("filename").string()
        guard let index = pictures.firstIndex(where: { $0.fileName == name }) else {
            throw try item.required("filename").violation("There is no image of this name")
        }
        return index
    }
    private mutating func place(by part: MultipartForm.Part) throws {
        for item in try Self.document(part).items() {
            _ = try item.object(known: ["filename", part.name])
            let index = try index(of: item)
            let places = try SentPicture.boxes(item.required(part.name))
            pictures[index].hasSeveralBoxes = pictures[index].hasSeveralBoxes || places.count > 1
            if part.name.hasPrefix("face") {
                pictures[index].face = places.first
            } else {
                pictures[index].body = places.first
            }
        }
    }
    private static func document(_ part: MultipartForm.Part) throws -> JSONReader {
        guard let value = try? JSONValue(parsing: Data(part.bytes)) else { throw Refusal.notJSON }
        return JSONReader(value, path: part.name)
    }

    /// What a part says of pictures of which events are made.
    private mutating func tell(by part: MultipartForm.Part) throws {
        switch part.name {
        case "policies": policies = try Self.document(part)
        case "meta":
            let reader = try Self.document(part)
            guard reader.value.array != nil else { return meta = try reader.freeMeta() }
            for item in try reader.items() {
                _ = try item.object(known: ["filename", "meta"])
                pictures[try index(of: item)].details.meta = try item.required("meta").freeMeta()
            }
        case "image_detect_time", "image_detect_ts":
            let name = String(part.name.dropFirst("image_".count))
            for item in try Self.document(part).items() {
                _ = try item.object(known: ["filename", name])
                let index = try index(of: item)
                let value = try item.present(name)
                if name == "detect_time" {
                    pictures[index].details.time = try value?.moment()
                } else {
                    pictures[index].details.offset = try value?.number(in: SentDetails.offsets)
                }
            }
        case "image_origin": try tellOrigin(by: part)
        default: break
        }
    }
    /// A picture of the same name, or a list of what stands for each.
    private mutating func tellOrigin(by part: MultipartForm.Part) throws {
        let type = MediaType.essence(of: part.headers["content-type"] ?? "")
        if SentPicture.types.contains(type) {
            guard let index = pictures.firstIndex(where: { $0.fileName == part.fileName }) else {
                throw JSONReader(.null, path: part.name).violation("There is no image of this name")
            }
            return pictures[index].details.origin = .bytes(part.bytes, contentType: type)
        }
        for item in try Self.document(part).items() {
            _ = try item.object(known: ["filename", "image_origin", "mimetype"])
            pictures[try index(of: item)].details.origin = try SentDetails.Origin(
                item.present("image_origin"), type: item.present("mimetype"))
        }
    }
}

extension SentPicture {
    fileprivate static let boxMembers: Set = ["face_bounding_boxes", "body_bounding_boxes", "trusted_detections"]

    /// Whoever decodes it passes over line ends, and over whatever else is no letter of Base64, such as the head of a `data:` URL, and makes
    /// a picture of it that is none. So a text with such letters is kept as one that cannot be decoded.
    fileprivate static func base64(_ text: Data) -> Source {
        let isBase64 = text.allSatisfy { byte in
            switch UnicodeScalar(byte) {
            case "A"..."Z", "a"..."z", "0"..."9", "+", "/", "=", " ", "\t", "\r", "\n": true
            default: false
            }
        }
        return .base64(isBase64 ? text : Data())
    }

    /// With the boxes that stand beside it.
    fileprivate func placed(by reader: JSONReader, _ isForEvents: Bool) throws -> SentPicture {
        var picture = self
        let faces = try Self.boxes(reader.optional("face_bounding_boxes"))
        let bodies = try Self.boxes(reader.optional("body_bounding_boxes"))
        (picture.face, picture.body) = (faces.first, bodies.first)
        picture.hasSeveralBoxes = max(faces.count, bodies.count) > 1
        if let trusted = try reader.optional("trusted_detections") { _ = try trusted.integer(in: 0...1) }
        if isForEvents { picture.details = try SentDetails(reader) }
        return picture
    }
    fileprivate static func boxes(_ reader: JSONReader?) throws -> [BoundingBox] {
        guard let reader, reader.value != .null else { return [] }
        return try reader.items().map { box in
            _ = try box.object(known: ["x", "y", "width", "height"])
            func side(_ name: String) throws -> Float { Float(try box.required(name).integer(in: 0...1_000_000)) }
            let (x, y) = (try side("x"), try side("y"))
            let (width, height) = (try side("width"), try side("height"))
            return BoundingBox(minX: x, minY: y, maxX: x + width, maxY: y + height)
        }
    }

    /// The part's way to say what `trusted_detections` says in JSON.
    fileprivate static func checkTrust(_ part: MultipartForm.Part) throws {
        let name = "X-Luna-Trusted-Detections"
        guard let text = part.headers[name.lowercased()] else { return }
        let value = Int64(text.trimmingCharacters(in: .whitespaces)).map(JSONValue.integer) ?? .string(text)
        _ = try JSONReader(value, path: name).integer(in: 0...1)
    }
}
