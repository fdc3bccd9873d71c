public import Foundation
public import JSON
public import Scene

/// What the owner of a stream writes down about it: the body of a registration.
public struct StreamSpecification: Hashable, Sendable {
    /// At most 128 characters; need not be unique.
    public var name: String
    /// At most 512 characters.
    public var description: String
    public var source: SourceSpecification
    /// An object with all six keys of `location` on the wire, `null` where nothing was said.
    public var location: JSONValue {
        get { locationText.value }
        set { locationText = JSONText(newValue) }
    }
    public var locationText: JSONText
    public var autorestart: AutorestartPolicy
    public var analytics: [AnalyticChoice]
    /// What its pictures show nobody; `nil`: nothing is hidden.
    public var privacy: Privacy?

    public init(
        name: String = "", description: String = "", source: SourceSpecification, location: JSONValue = .emptyObject,
        autorestart: AutorestartPolicy = AutorestartPolicy(), analytics: [AnalyticChoice], privacy: Privacy? = nil
    ) {
        self.init(
            name: name, description: description, source: source, location: JSONText(location),
            autorestart: autorestart, analytics: analytics, privacy: privacy)
    }
    public init(
        name: String, description: String, source: SourceSpecification, location: JSONText,
        autorestart: AutorestartPolicy, analytics: [AnalyticChoice], privacy: Privacy? = nil
    ) {
        (self.name, self.description, self.source) = (name, description, source)
        (locationText, self.autorestart, self.analytics) = (location, autorestart, analytics)
        self.privacy = privacy
    }
}

/// Whether, how often and how far apart a failed stream is tried again.
public struct AutorestartPolicy: Hashable, Sendable {
    public var isAllowed: Bool
    /// At least 1.
    public var attemptCount: Int
    /// Seconds, at least 1: between a failure and an attempt, and between an attempt and the verdict on it.
    public var delay: Int
    public init(isAllowed: Bool = false, attemptCount: Int = 10, delay: Int = 60) {
        (self.isAllowed, self.attemptCount, self.delay) = (isAllowed, attemptCount, delay)
    }
}

/// How far the autorestart of a stream has come.
public struct AutorestartState: Hashable, Sendable {
    public enum Status: String, Sendable {
        /// Not allowed by the owner.
        case disabled
        /// Allowed, nothing going on.
        case enabled
        /// An attempt is under way.
        case inProgress = "in_progress"
        /// All attempts were used up, or the error forbids trying again.
        case failed
    }
    public var status: Status
    /// 0: no attempt since the stream last ran well.
    public var currentAttempt: Int
    public var lastAttemptTime: Date?
    public init(status: Status, currentAttempt: Int = 0, lastAttemptTime: Date? = nil) {
        (self.status, self.currentAttempt, self.lastAttemptTime) = (status, currentAttempt, lastAttemptTime)
    }
}

/// A registered stream: what its owner wrote and what became of it.
public struct RegisteredStream: Hashable, Sendable, Identifiable {
    public let id: UUID
    public let accountID: UUID
    public var specification: StreamSpecification
    /// 1 at first, raised by each replacement.
    public var version: Int
    public let createTime: Date
    public var status: StreamStatus
    /// The latest processing error, kept while the stream is tried again; passwords redacted.
    public var lastError: String?
    public var autorestart: AutorestartState
    /// Names of the groups it is in, the oldest group first.
    public var groups: [String] = []
    /// What its analytics, by name, take for given beside what their parameters say: where the defaults were others when they were written.
    public var analyticDefaults: JSONValue = .emptyObject

    public init(
        id: UUID, accountID: UUID, specification: StreamSpecification, version: Int, createTime: Date,
        status: StreamStatus, lastError: String?, autorestart: AutorestartState, groups: [String] = [],
        analyticDefaults: JSONValue = .emptyObject
    ) {
        self.analyticDefaults = analyticDefaults
        (self.id, self.accountID, self.specification, self.version) = (id, accountID, specification, version)
        (self.createTime, self.status, self.lastError) = (createTime, status, lastError)
        (self.autorestart, self.groups) = (autorestart, groups)
    }

    /// What the pipeline needs to run it.
    public var definition: StreamDefinition {
        StreamDefinition(
            id: id, accountID: accountID, version: version, name: specification.name, source: specification.source,
            analytics: specification.analytics.map { choice in
                guard let defaults = analyticDefaults[choice.name] else { return choice }
                return AnalyticChoice(name: choice.name, parameters: choice.parameters.filled(with: defaults))
            }, location: specification.location, privacy: specification.privacy)
    }
}

/// One change of a stream's status.
public struct StreamLogRecord: Hashable, Sendable {
    public let streamID: UUID
    public let status: StreamStatus
    public let error: String?
    public let time: Date
    public init(streamID: UUID, status: StreamStatus, error: String?, time: Date) {
        (self.streamID, self.status, self.error, self.time) = (streamID, status, error, time)
    }
}

extension JSONValue {
    /// With the members of `defaults` that it lacks, at any depth.
    fileprivate func filled(with defaults: JSONValue) -> JSONValue {
        guard let own = object, let other = defaults.object else { return self }
        return .object(own.merging(other) { given, missing in given.filled(with: missing) })
    }
}
