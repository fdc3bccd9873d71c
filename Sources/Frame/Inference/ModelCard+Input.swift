import JSON
public import Scene

/// How a network is fed.
extension ModelCard {
    public enum ColorOrder: String, Sendable, CaseIterable { case bgr, rgb, gray }
    /// Where a network's input has its channels: `[1, 3, height, width]` or `[1, height, width, 3]`, 1 for 3 where it is grey.
    public enum Layout: String, Sendable, CaseIterable { case nchw, nhwc }
    public enum Alignment: String, Sendable, CaseIterable {
        case center
        case topLeft = "top_left"
    }
    public struct Input: Hashable, Sendable {
        /// Of the network's input tensor, in pixels.
        public var width, height: Int
        /// Order of the network's channels.
        public var color: ColorOrder
        public var layout = Layout.nchw
        /// Subtracted from each channel (`0...255`), in the order of `color`.
        public var mean: [Float]
        /// Each channel is divided by it after that.
        public var scale: [Float]
        /// Value of the letterbox's bars, `0...255`.
        public var letterboxFill: UInt8
        public var letterboxAlignment: Alignment
        /// Whether the model is brought to this size before it is compiled; else it must have it.
        public var isReshaped = false
        /// Whether one inference runs at a time: of models with weights of 8 bits the engine computes nonsense now and then when it is compiled
        /// for more.
        public var isSerial = false
        /// How many pictures one inference takes.
        public var batch = 1
        /// The size for regions larger than `ModelCard.largeRegion`.
        public var large: PixelSize?
        /// For looks at small squares of a frame.
        public var square: Square?
    }
    /// The side of an input for squares, and how many of them a batch takes.
    public struct Square: Hashable, Sendable {
        public var side, batch: Int
        public init(side: Int, batch: Int) { (self.side, self.batch) = (side, batch) }
    }

    static func readInput(_ input: JSONReader) throws(JSONViolation) -> Input {
        var mean: [Float] = [0, 0, 0]
        if let given = try input.optional("mean") { mean = try threeNumbers(given, in: 0...255) }
        let color = ColorOrder(
            rawValue: try input.required("color").string(oneOf: ColorOrder.allCases.map(\.rawValue)))!
        let layout = try input.optional("layout").map { (layout) throws(JSONViolation) in
            Layout(rawValue: try layout.string(oneOf: Layout.allCases.map(\.rawValue)))!
        }
        return Input(
            width: try input.required("width").integer(in: 32...4096),
            height: try input.required("height").integer(in: 32...4096),
            color: color, layout: layout ?? .nchw,
            mean: mean, scale: try threeNumbers(try input.required("scale"), in: 1e-3...1e4),
            letterboxFill: UInt8(try input.required("letterbox_fill").integer(in: 0...255)),
            letterboxAlignment: Alignment(
                rawValue: try input.required("letterbox_align").string(oneOf: Alignment.allCases.map(\.rawValue)))!,
            isReshaped: try input.optional("reshape")?.bool() ?? false,
            isSerial: try input.optional("serial")?.bool() ?? false,
            large: try reshaped(input, "large")?.size(), square: try reshaped(input, "square")?.square())
    }

    /// A member that says of what other size the model may be.
    private static func reshaped(_ input: JSONReader, _ key: String) throws(JSONViolation) -> JSONReader? {
        guard let member = try input.optional(key) else { return nil }
        guard try input.optional("reshape")?.bool() ?? false else {
            throw member.violation("only a model that is reshaped has more sizes than one")
        }
        return member
    }

    /// One number for all channels or one for each.
    private static func threeNumbers(
        _ reader: JSONReader, in range: ClosedRange<Double>
    ) throws(JSONViolation) -> [Float] {
        if reader.value.double != nil { return Array(repeating: Float(try reader.number(in: range)), count: 3) }
        var numbers: [Float] = []
        for item in try reader.items(minimum: 3, maximum: 3) { numbers.append(Float(try item.number(in: range))) }
        return numbers
    }
}

extension JSONReader {
    fileprivate func size() throws(JSONViolation) -> PixelSize {
        PixelSize(
            width: try required("width").integer(in: 32...4096), height: try required("height").integer(in: 32...4096))
    }
    fileprivate func square() throws(JSONViolation) -> ModelCard.Square {
        ModelCard.Square(
            side: try required("side").integer(in: 32...4096), batch: try required("batch").integer(in: 1...64))
    }
}
