public import Foundation

/// Somebody who is to be known again.
public struct Face: Hashable, Sendable, Identifiable {
    public let id: UUID
    public let accountID: UUID
    public var details: FaceDetails
    public let createTime: Date
    /// That it is on, in the order of their making.
    public let lists: [UUID]
    public init(id: UUID, accountID: UUID, details: FaceDetails, createTime: Date, lists: [UUID] = []) {
        (self.id, self.accountID, self.details) = (id, accountID, details)
        (self.createTime, self.lists) = (createTime, lists)
    }

    /// `/6/faces/<id>`
    public static func path(of id: UUID) -> String { "/6/faces/\(id.wire)" }
}

/// What its owner says of a face.
public struct FaceDetails: Hashable, Sendable {
    /// The event that it comes from.
    public var eventID: UUID?
    /// At most 36 characters.
    public var externalID: String
    /// At most 128 characters.
    public var userData: String
    /// Where its picture is, at most 256 characters.
    public var avatar: String
    public init(eventID: UUID? = nil, externalID: String = "", userData: String = "", avatar: String = "") {
        (self.eventID, self.externalID) = (eventID, externalID)
        (self.userData, self.avatar) = (userData, avatar)
    }
}

/// What a new face has by its looks.
public enum FaceSource: Hashable, Sendable {
    /// What a temporary attribute holds, which stays.
    case attribute(UUID)
    case features(FaceFeatures)
}

/// A named set of faces.
public struct FaceList: Hashable, Sendable, Identifiable {
    public let id: UUID
    public let accountID: UUID
    /// At most 128 characters.
    public var userData: String
    /// Days for which faces stay on it; `nil`: until somebody takes them off.
    public var faceDays: Int?
    public let createTime: Date
    /// When faces last came or went, or what is said of it changed.
    public let lastUpdateTime: Date
    public init(
        id: UUID, accountID: UUID, userData: String, faceDays: Int?, createTime: Date, lastUpdateTime: Date
    ) {
        (self.id, self.accountID, self.userData, self.faceDays) = (id, accountID, userData, faceDays)
        (self.createTime, self.lastUpdateTime) = (createTime, lastUpdateTime)
    }

    /// `/6/lists/<id>`
    public static func path(of id: UUID) -> String { "/6/lists/\(id.wire)" }
    public static let days = 1...36_500
}
