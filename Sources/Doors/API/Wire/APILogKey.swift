/// Keys of the facts in this target's log lines, beside those of `Streams`.
enum APILogKey {
    static let component = "component"
    static let closeCode = "websocket.close_code"
    static let feedEnd = "feed.end"
    static let dropped = "websocket.dropped"
}
