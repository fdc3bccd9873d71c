/// The keys of log metadata, spelled in one place.
public enum LogKey {
    public static let events = "events.count"
    public static let stream = "stream.id"
    public static let error = "error"
    public static let framesDecoded = "frames.decoded"
    public static let framesDropped = "frames.dropped"
    public static let packetsCorrupt = "packets.corrupt"
    public static let packetsLost = "packets.lost"
    public static let status = "status"
    /// Of a stream that is unwell, in a word.
    public static let reason = "reason"
    public static let seconds = "seconds"
}
