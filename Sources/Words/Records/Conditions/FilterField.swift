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
        /// RFC 3339.
        case time
    }
    /// Parameter of a query.
    public let query: String
    public let column: String
    public let comparison: Comparison
    public let kind: Kind
    public init(_ query: String, _ column: String, _ comparison: Comparison, _ kind: Kind) {
        (self.query, self.column, self.comparison, self.kind) = (query, column, comparison, kind)
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
    public static var states: Self {
        Self("states", "state", .isIn, .choice(PendingDelivery.State.allCases.map(\.rawValue)))
    }
    public static var all: [Self] { [.ids, .streamIDs, .eventIDs, .states] }
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
