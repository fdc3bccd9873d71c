import Foundation
import Records
import Testing

extension Descriptor {
    /// One of its own.
    static func random() -> Descriptor {
        Descriptor((0..<Descriptor.count).map { _ in Float.random(in: -1...1) })!
    }
}

extension FaceFeatures {
    static func example(_ descriptor: Descriptor? = .random()) -> FaceFeatures {
        FaceFeatures(
            descriptor: descriptor, descriptorSamples: [UUID(), UUID()],
            basic: BasicAttributes(age: 33, gender: 0, ethnicity: 4), basicSamples: [UUID()])
    }
}

extension BiometricAccess {
    /// By the owner.
    static func example(
        of face: Face, by reader: UUID? = nil, at time: Date = Date(timeIntervalSince1970: 1_715_418_701)
    ) -> BiometricAccess {
        BiometricAccess(
            reader: reader ?? face.accountID, token: UUID(), requestID: "1536751345,\(UUID().wire)", action: .read,
            kind: .face, subject: face.id, accountID: face.accountID, time: time)
    }
}

extension Filter<Face> {
    static func of(_ account: UUID?, _ field: FilterField<Face>, _ values: FieldValue...) -> Filter {
        var filter = Filter(accountID: account)
        filter.require(field, values)
        return filter
    }
}
