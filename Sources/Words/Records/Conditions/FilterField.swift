/// A field by which the list of a resource can be filtered. Each resource has one table of them, which the reader of queries
/// and the test of query plans walk; the compiler to SQL and the evaluator in memory see only the conditions made of it.
public struct FilterField<Resource>: Hashable, Sendable {
    /// What a client may write.
    public enum Kind: Hashable, Sendable {
        case id
        case text(maximumLength: Int)
        /// Letters, digits, `_` and `-`.
        case name(maximumLength: Int)
        /// One of these words.
        case choice([String])
        /// A number, or the word for it.
        case code([String: Int])
        case integer(ClosedRange<Int>)
        case number(ClosedRange<Double>)
        /// RFC 3339.
        case time
    }
    /// Parameter of a query.
    public let query: String
    public let column: String
    /// Where in the JSON document that the column holds; empty: the column's own value.
    public let path: [String]
    public let comparison: Comparison
    public let kind: Kind
    /// Whether the word `null` stands for what is not set.
    public let allowsNull: Bool
    public init(
        _ query: String, _ column: String, path: [String] = [], _ comparison: Comparison, _ kind: Kind,
        allowsNull: Bool = false
    ) {
        (self.query, self.column, self.path, self.comparison) = (query, column, path, comparison)
        (self.kind, self.allowsNull) = (kind, allowsNull)
    }

    /// Whether a client may name several values.
    public var isList: Bool {
        switch comparison {
        case .isIn, .isNotIn, .hasAll, .hasAny: true
        default: false
        }
    }
}

// MARK: Streams

extension FilterField<RegisteredStream> {
    public static var ids: Self { Self("stream_ids", "id", .isIn, .id) }
    public static var names: Self { Self("names", "name", .isIn, .text(maximumLength: 128)) }
    public static var reference: Self { Self("reference", "reference", .equal, .text(maximumLength: 512)) }
    public static var statuses: Self { Self("statuses", "status", .isIn, .code(StreamStatus.codes)) }
    public static var createdAtOrAfter: Self { Self("create_time__gte", "create_time", .atLeast, .time) }
    public static var createdBefore: Self { Self("create_time__lt", "create_time", .below, .time) }
    public static var idAtLeast: Self { Self("stream_id__gte", "id", .atLeast, .id) }
    public static var idBelow: Self { Self("stream_id__lt", "id", .below, .id) }
    /// Streams in the group of this name.
    public static var groupName: Self { Self("group_name", groupColumn, .equal, .name(maximumLength: 128)) }
    /// No column of the streams' own: who is in which group stands elsewhere.
    public static var groupColumn: String { "group" }

    /// Those that the list and the count of streams share.
    public static var counted: [Self] { [.ids, .names, .reference, .statuses, .createdAtOrAfter, .createdBefore] }
    /// All of the list.
    public static var all: [Self] { counted + [.idAtLeast, .idBelow, .groupName] }
}

extension FilterField<StreamLogRecord> {
    public static var streamIDs: Self { Self("stream_ids", "stream_id", .isIn, .id) }
    public static var statuses: Self { Self("statuses", "status", .isIn, .code(StreamStatus.codes)) }
    public static var atOrAfter: Self { Self("log_time__gte", "log_time", .atLeast, .time) }
    public static var before: Self { Self("log_time__lt", "log_time", .below, .time) }
    public static var all: [Self] { [.streamIDs, .statuses, .atOrAfter, .before] }
}

extension FilterField<StreamGroup> {
    public static var ids: Self { Self("group_ids", "id", .isIn, .id) }
    public static var names: Self { Self("group_names", "name", .isIn, .name(maximumLength: 128)) }
    public static var all: [Self] { [.ids, .names] }
}

extension FilterField<PendingDelivery> {
    public static var ids: Self { Self("delivery_ids", "id", .isIn, .id) }
    public static var streamIDs: Self { Self("stream_ids", "stream_id", .isIn, .id) }
    public static var eventIDs: Self { Self("event_ids", "event_id", .isIn, .id) }
    public static var jobIDs: Self { Self("job_ids", "job_id", .isIn, .id) }
    public static var states: Self {
        Self("states", "state", .isIn, .choice(PendingDelivery.State.allCases.map(\.rawValue)))
    }
    public static var all: [Self] { [.ids, .streamIDs, .eventIDs, .jobIDs, .states] }
}

extension FilterField<Job> {
    public static var ids: Self { Self("job_ids", "id", .isIn, .id) }
    public static var kinds: Self { Self("kinds", "kind", .isIn, .choice(JobKind.allCases.map(\.rawValue))) }
    public static var states: Self { Self("states", "state", .isIn, .choice(JobState.allCases.map(\.rawValue))) }
    public static var all: [Self] { [.ids, .kinds, .states] }
}
extension FilterField<JobItem> {
    public static var states: Self { Self("states", "state", .isIn, .choice(JobItemState.allCases.map(\.rawValue))) }
    public static var all: [Self] { [.states] }
}

// MARK: Accounts

extension FilterField<Account> {
    public static var login: Self { Self("login", "login", .equal, .text(maximumLength: 128)) }
    public static var kind: Self {
        Self("account_type", "type", .equal, .choice(Account.Kind.allCases.map(\.rawValue)))
    }
    public static var createdAtOrAfter: Self { Self("create_time__gte", "create_time", .atLeast, .time) }
    public static var createdBefore: Self { Self("create_time__lt", "create_time", .below, .time) }
    public static var all: [Self] { [.login, .kind, .createdAtOrAfter, .createdBefore] }
}

extension FilterField<Token> {
    public static var createdAtOrAfter: Self { Self("create_time__gte", "create_time", .atLeast, .time) }
    public static var createdBefore: Self { Self("create_time__lt", "create_time", .below, .time) }
    public static var all: [Self] { [.createdAtOrAfter, .createdBefore] }
}
