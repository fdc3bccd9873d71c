/// Somebody who is alike to what was looked for.
public struct Match<Subject: Hashable & Sendable>: Hashable, Sendable {
    public let subject: Subject
    /// Between the two descriptors, `-1...1`.
    public let cosine: Double
    public init(_ subject: Subject, cosine: Double) { (self.subject, self.cosine) = (subject, cosine) }
    public var similarity: Double { Similarity.of(cosine: cosine) }
}
public typealias FaceMatch = Match<Face>
public typealias EventMatch = Match<StoredEvent>

extension Match<Face> {
    public var face: Face { subject }
}
extension Match<StoredEvent> {
    public var event: StoredEvent { subject }
}

/// In which order matches are told, and which are told where there are too many.
public enum MatchOrder: String, Hashable, Sendable, CaseIterable {
    /// The most alike first; of equal ones who was made first.
    case similarity
    case oldestFirst = "create_time_asc"
    case newestFirst = "create_time_desc"
}

/// Which matches are wanted.
public struct MatchWish: Hashable, Sendable {
    public var order: MatchOrder
    public var limit: Int
    /// The smallest similarity, `0...1`.
    public var threshold: Double
    public static let limits = 1...100

    public init(order: MatchOrder = .similarity, limit: Int = 3, threshold: Double = 0) {
        (self.order, self.limit, self.threshold) = (order, limit, threshold)
    }
}
