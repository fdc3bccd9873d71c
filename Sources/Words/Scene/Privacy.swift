/// Whom the pictures of a stream show nobody, and by what they are covered: `privacy` on the wire.
public struct Privacy: Hashable, Sendable {
    /// From the mildest to the strictest.
    public enum Mode: String, Sendable, CaseIterable, Comparable {
        /// Faces, and heads of those whose face is turned away.
        case faces
        /// Whole people.
        case people
        /// There are no pictures at all.
        case countsOnly = "counts_only"

        public static func < (a: Self, b: Self) -> Bool {
            allCases.firstIndex(of: a)! < allCases.firstIndex(of: b)!
        }
    }
    /// None of them can be undone. Of `mask` nothing is left but where it was; the others leave a few mean colours.
    public enum Method: String, Sendable, CaseIterable {
        case blur, mosaic, mask

        fileprivate var strictness: Int { self == .mask ? 1 : 0 }
    }
    public var mode: Mode
    /// `nil`: nothing was said, so that an analytic takes its stream's, and a stream `blur`.
    public var method: Method?
    public init(_ mode: Mode, by method: Method? = nil) { (self.mode, self.method) = (mode, method) }

    public var methodInForce: Method { method ?? .blur }

    /// What holds for an analytic that wishes for `own` in a stream with this.
    public func tightened(by own: Privacy?) -> Privacy {
        guard let own else { return self }
        return Privacy(max(mode, own.mode), by: own.method ?? method)
    }
    /// Whether an analytic in a stream with this may have `own`: it shows nothing that this hides.
    public func permits(_ own: Privacy) -> Bool {
        guard own.mode != .countsOnly else { return true }
        return own.mode >= mode && (own.method ?? methodInForce).strictness >= methodInForce.strictness
    }
}
