/// Keys of the facts in this target's log lines.
public enum HTTPLogKey {
    public static let requestID = "request.id"
    public static let error = "error"
    static let method = "http.method"
    static let path = "http.path"
    static let status = "http.status"
    static let milliseconds = "duration.ms"
}
