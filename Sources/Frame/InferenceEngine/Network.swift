public import Inference
public import Scene

/// A compiled model: a picture is drawn in, tensors come out. Shared by all streams; freed with its last holder.
public final class Network: Sendable {
    /// Of each picture in the input tensor, in pixels.
    public let inputSize: PixelSize
    /// Of the outputs, in the order in which they were asked for.
    public let outputShapes: [[Int]]
    private let pool: RequestPool

    /// Blocks while the model is compiled.
    init(_ model: CompiledModel, outputs: [String], budget: InferenceBudget) throws(EngineError) {
        var requests: [InferRequest] = []
        for _ in 0..<budget.places { requests.append(try InferRequest(model, outputNames: outputs)) }
        inputSize = requests[0].inputSize
        outputShapes = try requests[0].outputs().map(\.shape)
        pool = RequestPool(requests, budget: budget)
    }

    /// One inference: waits for its turn, draws the input, runs, and reads the outputs while they are lent.
    /// - Parameters:
    ///   - draw: fills `InferRequest.input`.
    ///   - read: takes what is needed of the outputs.
    public func infer<Answer>(
        _ urgency: Urgency, draw: (InferRequest) throws -> Void, read: (InferRequest, [Tensor]) throws -> Answer
    ) async throws -> Answer {
        try await pool.with(urgency) { request in
            try draw(request)
            try await request.run()
            return try read(request, try request.outputs())
        }
    }
}
