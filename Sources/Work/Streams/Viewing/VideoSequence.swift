import Frames
import Scene

/// The coded video of a stream, one for all who watch it: what whoever comes now begins with.
struct VideoSequence: Sendable {
    /// Bytes since the latest key frame beyond which whoever comes waits for the next one.
    static let largestGroup = 16 << 20

    private(set) var head: VideoHead?
    /// Since the latest key frame.
    private var group: [VideoFragment] = []
    private var byteCount = 0

    mutating func take(_ piece: VideoPiece) {
        switch piece {
        case .head(let head): (self.head, group, byteCount) = (head, [], 0)
        case .fragment(let fragment):
            if fragment.isKeyframe { (group, byteCount) = ([], 0) }
            guard fragment.isKeyframe || !group.isEmpty else { return }
            group.append(fragment)
            byteCount += fragment.bytes.count
            if byteCount > Self.largestGroup { (group, byteCount) = ([], 0) }
        }
    }
    var beginning: [VideoPiece] {
        guard let head else { return [] }
        return [.head(head)] + group.map { .fragment($0) }
    }
}

/// Coded video that waits for one viewer. Who is slow is taken to the next key frame, and never has more waiting than that.
struct VideoQueue: Sendable {
    /// Bytes.
    static let limit = 16 << 20
    /// Seconds that a viewer may be behind when a key frame comes.
    static let longest = 2.0

    private var head: VideoHead?
    private var fragments: [VideoFragment] = []
    private var byteCount = 0
    private var waitsForKeyframe = true

    init(_ sequence: VideoSequence) { for piece in sequence.beginning { add(piece) } }

    mutating func add(_ piece: VideoPiece) {
        switch piece {
        case .head(let head):
            drop()
            self.head = head
        case .fragment(let fragment):
            if fragment.isKeyframe {
                if let first = fragments.first, (fragment.time - first.time).seconds > Self.longest { drop() }
                waitsForKeyframe = false
            }
            guard !waitsForKeyframe else { return }
            fragments.append(fragment)
            byteCount += fragment.bytes.count
            if byteCount > Self.limit { drop() }
        }
    }
    private mutating func drop() { (fragments, byteCount, waitsForKeyframe) = ([], 0, true) }

    /// The head that is still to be told.
    mutating func takeHead() -> VideoHead? {
        defer { head = nil }
        return head
    }
    /// The next fragment behind it; `nil`: none waits.
    mutating func takeFragment() -> VideoFragment? {
        guard head == nil, !fragments.isEmpty else { return nil }
        let fragment = fragments.removeFirst()
        byteCount -= fragment.bytes.count
        return fragment
    }
}
