import Foundation
import JSON
import Records

// Features of faces as clients send them: `docs/contract/recognition.md §4`.
extension FaceSource {
    /// A temporary attribute that is named, or the features themselves.
    init(_ body: JSONReader) throws {
        if try body.object()["attribute_id"] != nil {
            _ = try body.object(known: ["attribute_id"])
            self = .attribute(try body.required("attribute_id").id())
        } else {
            self = .features(try FaceFeatures(body))
        }
    }
}

extension FaceFeatures {
    private static let sampleLimit = 100

    init(_ body: JSONReader) throws {
        _ = try body.object(known: [
            "face_descriptors", "face_descriptor_samples", "basic_attributes", "basic_attributes_samples",
        ])
        let descriptors = try (body.optional("face_descriptors")?.items() ?? []).map(Descriptor.init(_:))
        // Descriptors of other networks would be further ones, and there is no other.
        _ = try body.optional("face_descriptors")?.items(maximum: 1)
        func samples(_ name: String) throws -> [UUID] {
            try (body.optional(name)?.items(maximum: Self.sampleLimit) ?? []).map { try $0.id() }
        }
        self.init(
            descriptor: descriptors.first, descriptorSamples: try samples("face_descriptor_samples"),
            basic: try body.optional("basic_attributes").map(BasicAttributes.init(_:)) ?? BasicAttributes(),
            basicSamples: try samples("basic_attributes_samples"))
        guard descriptor != nil || !basic.isEmpty else {
            throw body.violation("at least 1 of 'face_descriptors' and 'basic_attributes' must be specified")
        }
    }
}

extension BasicAttributes {
    init(_ body: JSONReader) throws {
        _ = try body.object(known: ["age", "gender", "ethnicity"])
        self.init(
            age: try body.optional("age")?.integer(in: 0...100),
            gender: try body.optional("gender")?.integer(in: 0...1),
            ethnicity: try body.optional("ethnicity")?.integer(in: 1...4))
        if isEmpty { throw body.violation("at least 1 field must be specified") }
    }
}

extension Descriptor {
    /// The SDK form by itself or, as answers have it, in an object; or the raw form. Bytes in Base64, as a document in MessagePack is read, too.
    init(_ reader: JSONReader) throws {
        if case .string(let text) = reader.value {
            try self.init(sdkText: text)
        } else if try reader.object()["sdk_descriptor"] != nil {
            _ = try reader.object(known: ["sdk_descriptor"])
            try self.init(sdkText: reader.required("sdk_descriptor").string())
        } else {
            try self.init(raw: reader)
        }
    }
    /// - Parameter text: the SDK form in Base64.
    init(sdkText text: String) throws {
        guard let form = Data(base64Encoded: text) else { throw APIError.badSDKDescriptor }
        do { try self.init(sdkForm: form) } catch {
            switch error {
            case .version(let found): throw APIError.unknownDescriptorVersion(found)
            case .length, .values, .signature: throw APIError.badSDKDescriptor
            }
        }
    }
    private init(raw reader: JSONReader) throws {
        _ = try reader.object(known: ["descriptor", "version"])
        let version = try reader.required("version").integer()
        let text = try reader.required("descriptor").string()
        guard version == Self.version else { throw APIError.unknownDescriptorVersion(version) }
        guard let bytes = Data(base64Encoded: text) else { throw APIError.badBase64 }
        do { try self.init(bytes: bytes) } catch {
            if case .length(let count) = error { throw APIError.badDescriptorLength(count) }
            throw try reader.required("descriptor").violation("Input should be finite numbers that are not all zero")
        }
    }
}
