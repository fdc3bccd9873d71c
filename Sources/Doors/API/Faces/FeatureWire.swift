import Foundation
import HTTPEdge
import JSON
import Records

/// A member of what answers tell of features.
enum FeatureTarget: String, CaseIterable {
    case createTime = "create_time"
    case descriptor = "face_descriptor"
    case descriptorSamples = "face_descriptor_samples"
    case basic = "basic_attributes"
    case basicSamples = "basic_attributes_samples"
}

/// How features are to be told.
struct FeatureForm: Sendable {
    enum DescriptorFormat: String { case raw, sdk }
    let format: DescriptorFormat
    /// Of another network there is no descriptor.
    let isOfVersion: Bool
    /// Members that hold bytes, in Base64 where a document has none.
    static let bytes: Set = ["descriptor", "sdk_descriptor"]

    init(_ query: Query) throws(Refusal) {
        format = try query.choice("descriptor_format") ?? .raw
        let version = try query.integer("descriptor_version", in: 1...Int(Int32.max))
        isOfVersion = version.map { $0 == Descriptor.version } ?? true
    }

    /// - Parameter time: when the features came there.
    func wire(_ features: FaceFeatures?, since time: Date?, _ target: FeatureTarget) -> JSONValue {
        switch target {
        case .createTime: time.map { .string($0.rfc3339) } ?? .null
        case .descriptor: shown(features).map(wire) ?? .null
        case .descriptorSamples: Self.ids(features?.descriptorSamples)
        case .basic: features.flatMap { $0.basic.isEmpty ? nil : $0.basic.wire } ?? .null
        case .basicSamples: Self.ids(features?.basicSamples)
        }
    }
    private func shown(_ features: FaceFeatures?) -> Descriptor? { isOfVersion ? features?.descriptor : nil }
    private func wire(_ descriptor: Descriptor) -> JSONValue {
        switch format {
        case .raw:
            [
                "descriptor": .string(Data(descriptor.bytes).base64EncodedString()),
                "version": .integer(Int64(Descriptor.version)),
            ]
        case .sdk: ["sdk_descriptor": .string(Data(descriptor.sdkForm).base64EncodedString())]
        }
    }
    /// Whether an answer with these members tells what somebody looks like.
    func tells(_ features: FaceFeatures?, _ targets: Set<FeatureTarget>) -> Bool {
        targets.contains(.descriptor) && shown(features) != nil
            || targets.contains(.basic) && features?.basic.isEmpty == false
    }

    static func ids(_ ids: [UUID]?) -> JSONValue { .array((ids ?? []).map { .string($0.wire) }) }
}

extension BasicAttributes {
    fileprivate var wire: JSONValue {
        func number(_ number: Int?) -> JSONValue { number.map { .integer(Int64($0)) } ?? .null }
        return ["age": number(age), "gender": number(gender), "ethnicity": number(ethnicity)]
    }
}

extension Call {
    /// What is written down of somebody's being told what a face looks like, or of who is alike to whom.
    func access(
        to kind: BiometricAccess.Kind, _ subject: UUID, of account: UUID, _ action: BiometricAccess.Action = .read
    ) -> BiometricAccess {
        var token: UUID?
        if case .token(let used) = caller.proof { token = used.id }
        return BiometricAccess(
            reader: caller.account.id, token: token, requestID: context.requestID.description, action: action,
            kind: kind, subject: subject, accountID: account, time: .now)
    }
}
