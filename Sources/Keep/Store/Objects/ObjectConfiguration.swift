import Foundation
import JSON
public import Records
public import Scene

/// How long stored bytes are kept where nobody says it, and how many an account may have.
public struct ObjectConfiguration: Hashable, Sendable {
    public var images = Lifetime.forever
    public var objects = Lifetime.forever
    public var faceSamples = Lifetime.forever
    public var bodySamples = Lifetime.forever
    /// Bytes of one account, pictures of its events included. 0: no limit.
    public var accountQuota = 0
    public init() {}

    public static let settings: [Setting<ObjectConfiguration>] = [
        lifetime("objects.image_ttl", \.images), lifetime("objects.object_ttl", \.objects),
        lifetime("objects.face_sample_ttl", \.faceSamples), lifetime("objects.body_sample_ttl", \.bodySamples),
        Setting("objects.account_quota", \.accountQuota, in: 0...1 << 60),
    ]
    private static func lifetime(
        _ key: String, _ path: any WritableKeyPath<ObjectConfiguration, Lifetime> & Sendable
    ) -> Setting<ObjectConfiguration> {
        Setting(key, path, .choice(Lifetime.choices.map(String.init))) { text in
            Int(text).flatMap(Lifetime.init(days:))
        } show: {
            .integer(Int64($0.days))
        }
    }

    func lifetime(of kind: StoredObject.Kind) -> Lifetime {
        switch kind {
        case .image: images
        case .object: objects
        case .faceSample: faceSamples
        case .bodySample: bodySamples
        }
    }
    /// When what is stored now ends; `nil`: never.
    /// - Parameter wanted: `nil`: as its bucket has it.
    func expiry(of kind: StoredObject.Kind, _ wanted: Lifetime?, from now: Date) -> Date? {
        (wanted ?? lifetime(of: kind)).seconds.map { now.addingTimeInterval(Double($0)) }
    }
}
