/// Keys of the facts in this target's log lines.
enum HTTPLogKey {
    static let requestID = "request.id"
    static let error = "error"
    static let method = "http.method"
    static let path = "http.path"
    static let status = "http.status"
    static let milliseconds = "duration.ms"
    static let connectionLimit = "connections.limit"
    static let turnedAway = "connections.turned_away"
}
