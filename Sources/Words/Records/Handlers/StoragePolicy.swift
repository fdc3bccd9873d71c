public import Foundation
import JSON
public import Scene

/// What of an event is kept, and who is told of it: `docs/contract/events.md §7.4`.
public struct StoragePolicy: Hashable, Sendable {
    /// Whether something is done, and for which events.
    public struct Switch: Hashable, Sendable {
        public var isOn: Bool
        public var filter: PolicyFilter
        public func applies(to facts: PolicyFilter.Facts) -> Bool { isOn && filter.passes(facts) }
    }
    public struct Sample: Hashable, Sendable {
        public var store: Switch
        /// `nil`: as the bucket has it.
        public var lifetime: Lifetime?
    }
    public struct ImageOrigin: Hashable, Sendable {
        public var store: Switch
        /// Whether the address of a picture, or the sample that it is, stands for it, and no copy is made.
        public var usesReferences: Bool
        public var lifetime: Lifetime?
    }
    public struct Attribute: Hashable, Sendable {
        public var store: Switch
        /// In seconds.
        public var lifetime: Int
    }
    public struct FacePolicy: Hashable, Sendable {
        public var store: Switch
        public var setsAvatar: Bool
        public var lists: [Link]
    }
    public struct Link: Hashable, Sendable {
        public var list: UUID
        public var filter: PolicyFilter
    }
    public struct EventPolicy: Hashable, Sendable {
        public var store: Switch
        /// Whether whoever asked hears of it when it is stored.
        public var waits: Bool
    }
    /// Somebody who is told of events that pass a filter.
    public struct Receiver: Hashable, Sendable {
        public var callback: Callback
        public var filter: PolicyFilter
        public func isTold(_ facts: PolicyFilter.Facts) -> Bool { callback.isEnabled && filter.passes(facts) }
    }
    public var faceSample, bodySample: Sample
    public var imageOrigin: ImageOrigin
    public var attribute: Attribute
    public var face: FacePolicy
    public var event: EventPolicy
    public var notification: Switch
    public var receivers: [Receiver]
    public static let mostReceivers = 100

    init(_ reader: JSONReader) throws {
        _ = try reader.object(known: [
            "face_sample_policy", "body_sample_policy", "image_origin_policy", "attribute_policy", "face_policy",
            "event_policy", "notification_policy", "callbacks",
        ])
        faceSample = try Sample(reader.part("face_sample_policy"))
        bodySample = try Sample(reader.part("body_sample_policy"))
        imageOrigin = try ImageOrigin(reader.part("image_origin_policy"))
        attribute = try Attribute(reader.part("attribute_policy"))
        face = try FacePolicy(reader.part("face_policy"))
        event = try EventPolicy(reader.part("event_policy"))
        let notification = try reader.part("notification_policy")
        _ = try notification.object(known: ["send_notification", "filters"])
        self.notification = try Switch(notification, "send_notification", orElse: true)
        receivers = try (reader.present("callbacks")?.items(maximum: Self.mostReceivers) ?? []).map(Receiver.init)
    }
    var wire: JSONValue {
        [
            "face_sample_policy": faceSample.wire, "body_sample_policy": bodySample.wire,
            "image_origin_policy": imageOrigin.wire, "attribute_policy": attribute.wire, "face_policy": face.wire,
            "event_policy": event.wire, "notification_policy": .object(notification.members("send_notification")),
            "callbacks": .array(receivers.map(\.wire)),
        ]
    }
}

extension StoragePolicy.Switch {
    fileprivate init(_ reader: JSONReader, _ name: String, orElse standard: Bool) throws {
        isOn = try reader.flag(name, orElse: standard)
        filter = try PolicyFilter(reader.present("filters"))
    }
    fileprivate func members(_ name: String, _ others: [String: JSONValue] = [:]) -> [String: JSONValue] {
        others.merging([name: .flag(isOn), "filters": filter.wire]) { $1 }
    }
}

extension StoragePolicy.Sample {
    fileprivate init(_ reader: JSONReader) throws {
        _ = try reader.object(known: ["store_sample", "filters", "ttl"])
        store = try StoragePolicy.Switch(reader, "store_sample", orElse: true)
        lifetime = try reader.lifetime()
    }
    fileprivate var wire: JSONValue { .object(store.members("store_sample", ["ttl": .orNull(lifetime?.days)])) }
}

extension StoragePolicy.ImageOrigin {
    fileprivate init(_ reader: JSONReader) throws {
        _ = try reader.object(known: ["store_image", "use_external_references", "filters", "ttl"])
        store = try StoragePolicy.Switch(reader, "store_image", orElse: false)
        usesReferences = try reader.flag("use_external_references", orElse: true)
        lifetime = try reader.lifetime()
    }
    fileprivate var wire: JSONValue {
        .object(
            store.members(
                "store_image",
                ["ttl": .orNull(lifetime?.days), "use_external_references": .flag(usesReferences)]))
    }
}

extension StoragePolicy.Attribute {
    fileprivate init(_ reader: JSONReader) throws {
        _ = try reader.object(known: ["store_attribute", "filters", "ttl"])
        store = try StoragePolicy.Switch(reader, "store_attribute", orElse: false)
        lifetime =
            try reader.present("ttl")?.integer(in: 0...FaceAttribute.lifetimes.upperBound)
            ?? FaceAttribute.standardLifetime
    }
    fileprivate var wire: JSONValue {
        .object(store.members("store_attribute", ["ttl": .integer(Int64(lifetime))]))
    }
}

extension StoragePolicy.FacePolicy {
    fileprivate init(_ reader: JSONReader) throws {
        _ = try reader.object(known: ["store_face", "filters", "set_sample_as_avatar", "link_to_lists_policy"])
        store = try StoragePolicy.Switch(reader, "store_face", orElse: false)
        setsAvatar = try reader.flag("set_sample_as_avatar", orElse: true)
        lists = try (reader.present("link_to_lists_policy")?.items(maximum: 30) ?? []).map { item in
            _ = try item.object(known: ["list_id", "filters"])
            return StoragePolicy.Link(
                list: try item.required("list_id").id(), filter: try PolicyFilter(item.present("filters")))
        }
    }
    fileprivate var wire: JSONValue {
        let links: [JSONValue] = lists.map { ["list_id": .string($0.list.wire), "filters": $0.filter.wire] }
        return .object(
            store.members(
                "store_face", ["set_sample_as_avatar": .flag(setsAvatar), "link_to_lists_policy": .array(links)]))
    }
}

extension StoragePolicy.EventPolicy {
    fileprivate init(_ reader: JSONReader) throws {
        _ = try reader.object(known: ["store_event", "filters", "wait_saving"])
        store = try StoragePolicy.Switch(reader, "store_event", orElse: true)
        waits = try reader.flag("wait_saving", orElse: true)
    }
    fileprivate var wire: JSONValue { .object(store.members("store_event", ["wait_saving": .flag(waits)])) }
}

extension StoragePolicy.Receiver {
    private static let kinds: [Callback.Kind] = [.http, .webSocketNotification]

    fileprivate init(_ reader: JSONReader) throws {
        var members = try reader.object()
        filter = try PolicyFilter(reader.present("filters"))
        _ = try reader.required("type").string(oneOf: Self.kinds.map(\.rawValue))
        members["filters"] = nil
        callback = try Callback(JSONReader(.object(members), path: reader.path))
        guard callback.imageLinks == .plain else {
            throw reader.violation("Links to pictures are not signed in what handlers report")
        }
    }
    /// With the defaults that the contract names.
    fileprivate var wire: JSONValue {
        var members = callback.wire.object ?? [:]
        members["enable"] = .flag(callback.isEnabled)
        members["filters"] = filter.wire
        if let endpoint = callback.endpoint {
            let standard: [String: JSONValue] = [
                "timeout": .integer(Int64(endpoint.timeout)), "content_type": .string(endpoint.contentType.rawValue),
                "headers": .object(endpoint.headers.mapValues { .string($0) }),
            ]
            members["params"] = .object(standard.merging(members["params"]?.object ?? [:]) { $1 })
        }
        return .object(members)
    }
}

extension JSONReader {
    /// In days; `nil`: as the bucket has it.
    func lifetime() throws(JSONViolation) -> Lifetime? {
        guard let reader = try present("ttl") else { return nil }
        guard let lifetime = Lifetime(days: try reader.integer()) else {
            throw reader.violation(
                "Input should be one of \(Lifetime.choices.map(String.init).joined(separator: ", "))")
        }
        return lifetime
    }
}
