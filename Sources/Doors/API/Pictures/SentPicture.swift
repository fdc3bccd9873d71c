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
        let pictures = try read(body, contentType: contentType)
        guard areCrops || !pictures.contains(where: \.hasSeveralBoxes) else { throw APIError.severalBoxes }
        return pictures
    }
    private static func read(_ body: [UInt8], contentType: String?) throws -> [SentPicture] {
        let type = MediaType.essence(of: contentType ?? "")
        if types.contains(type) { return [SentPicture(source: .bytes(body[...]))] }
        if base64Types.contains(type) { return [SentPicture(source: base64(Data(body)))] }
        switch type {
        case "application/json":
            guard let value = try? JSONValue(parsing: Data(body)) else { throw Refusal.notJSON }
            return try read(JSONReader(value))
        case "multipart/form-data":
            guard let boundary = MultipartForm.boundary(in: contentType ?? "") else { throw Refusal.badContentType }
            guard let form = MultipartForm(body, boundary: boundary) else { throw APIError.badMultipart }
            return try read(form)
        default: throw Refusal.badContentType
        }
    }

    /// Whoever decodes it passes over line ends, and over whatever else is no letter of Base64, such as the head of a `data:` URL, and makes
    /// a picture of it that is none. So a text with such letters is kept as one that cannot be decoded.
    private static func base64(_ text: Data) -> Source {
        let isBase64 = text.allSatisfy { byte in
            switch UnicodeScalar(byte) {
            case "A"..."Z", "a"..."z", "0"..."9", "+", "/", "=", " ", "\t", "\r", "\n": true
            default: false
            }
        }
        return .base64(isBase64 ? text : Data())
    }

    // MARK: JSON

    private static let boxMembers: Set = ["face_bounding_boxes", "body_bounding_boxes", "trusted_detections"]

    private static func read(_ body: JSONReader) throws -> [SentPicture] {
        let members = try body.object()
        if members["urls"] != nil {
            _ = try body.object(known: ["urls"])
            return try body.required("urls").items(minimum: 1, maximum: mostReferences).map { item in
                _ = try item.object(known: boxMembers.union(["url"]))
                let url = try item.required("url").string(maximumLength: 8192)
                return try SentPicture(source: .url(url)).placed(by: item)
            }
        }
        if members["samples"] != nil {
            _ = try body.object(known: ["samples"])
            return try body.required("samples").items(minimum: 1, maximum: mostReferences).map { item in
                guard let id = UUID(wire: try item.string()) else {
                    throw item.violation("Input should be a valid UUID")
                }
                return SentPicture(source: .sample(id))
            }
        }
        _ = try body.object(known: boxMembers.union(["image", "mimetype"]))
        let image = try body.required("image").string()
        let known = types.union(base64Types).sorted()
        _ = try body.required("mimetype").string(oneOf: known)
        return [try SentPicture(source: base64(Data(image.utf8))).placed(by: body)]
    }

    /// With the boxes that stand beside it.
    private func placed(by reader: JSONReader) throws -> SentPicture {
        var picture = self
        let faces = try Self.boxes(reader.optional("face_bounding_boxes"))
        let bodies = try Self.boxes(reader.optional("body_bounding_boxes"))
        (picture.face, picture.body) = (faces.first, bodies.first)
        picture.hasSeveralBoxes = max(faces.count, bodies.count) > 1
        if let trusted = try reader.optional("trusted_detections") { _ = try trusted.integer(in: 0...1) }
        return picture
    }
    private static func boxes(_ reader: JSONReader?) throws -> [BoundingBox] {
        guard let reader, reader.value != .null else { return [] }
        return try reader.items().map { box in
            _ = try box.object(known: ["x", "y", "width", "height"])
            func side(_ name: String) throws -> Float { Float(try box.required(name).integer(in: 0...1_000_000)) }
            let (x, y) = (try side("x"), try side("y"))
            let (width, height) = (try side("width"), try side("height"))
            return BoundingBox(minX: x, minY: y, maxX: x + width, maxY: y + height)
        }
    }

    // MARK: Several parts

    private static func read(_ form: MultipartForm) throws -> [SentPicture] {
        var pictures: [SentPicture] = [], places: Set<String> = []
        for part in form.parts {
            switch part.name {
            case "image":
                let type = MediaType.essence(of: part.headers["content-type"] ?? "")
                let isBase64 = base64Types.contains(type)
                guard isBase64 || types.contains(type) else { throw APIError.badPartType }
                try checkTrust(part)
                let fileName = part.fileName.flatMap { $0.isEmpty ? nil : $0 }
                if let fileName, pictures.contains(where: { $0.fileName == fileName }) {
                    throw APIError.duplicatePart(fileName)
                }
                pictures.append(
                    SentPicture(
                        fileName: fileName, source: isBase64 ? base64(Data(part.bytes)) : .bytes(part.bytes)))
            case "face_bounding_boxes", "body_bounding_boxes":
                guard places.insert(part.name).inserted else { throw APIError.duplicatePart(part.name) }
            default: throw APIError.unknownPart(part.name)
            }
        }
        guard !pictures.isEmpty else { throw APIError.noPicturePart }
        guard pictures.count <= mostParts else {
            throw JSONReader(.null, path: "image").violation(
                "List should have at most \(mostParts) items after validation, not \(pictures.count)")
        }
        for part in form.parts where places.contains(part.name) { try place(&pictures, by: part) }
        return pictures
    }
    /// The part's way to say what `trusted_detections` says in JSON.
    private static func checkTrust(_ part: MultipartForm.Part) throws {
        let name = "X-Luna-Trusted-Detections"
        guard let text = part.headers[name.lowercased()] else { return }
        let value = Int64(text.trimmingCharacters(in: .whitespaces)).map(JSONValue.integer) ?? .string(text)
        _ = try JSONReader(value, path: name).integer(in: 0...1)
    }
    private static func place(_ pictures: inout [SentPicture], by part: MultipartForm.Part) throws {
        guard let value = try? JSONValue(parsing: Data(part.bytes)) else { throw Refusal.notJSON }
        for item in try JSONReader(value, path: part.name).items() {
            _ = try item.object(known: ["filename", part.name])
            let name = try item.required("filename").string()
            guard let index = pictures.firstIndex(where: { $0.fileName == name }) else {
                throw try item.required("filename").violation("There is no image of this name")
            }
            let places = try boxes(item.required(part.name))
            pictures[index].hasSeveralBoxes = pictures[index].hasSeveralBoxes || places.count > 1
            if part.name.hasPrefix("face") {
                pictures[index].face = places.first
            } else {
                pictures[index].body = places.first
            }
        }
    }
}
