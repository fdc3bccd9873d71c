import COpenVINO
import Inference
public import Scene
import Synchronization

/// One inference at a time: the input tensor that pictures are drawn into, and the outputs. Used by one task at a time.
///
/// `@unchecked Sendable`: whoever took it from the pool is its only user until it is given back, and the engine's own
/// thread touches nothing of it but `waiter`, which is locked.
public final class InferRequest: @unchecked Sendable {
    private let model: CompiledModel
    private var api: OpaquePointer { model.api }
    private let request: OpaquePointer
    /// The engine keeps this address, not a copy.
    private let callback = UnsafeMutablePointer<slov_callback>.allocate(capacity: 1)
    private let waiter = Mutex<CheckedContinuation<Void, Never>?>(nil)
    private let outputNames: [String]
    /// Packed 8-bit pixels, rows without gaps; the pictures of a batch one after the other.
    public let input: UnsafeMutablePointer<UInt8>
    public let inputSize: PixelSize
    /// What is drawn in the input: its bars need no painting while this stays the same.
    public var content: PixelRect?
    /// Kept from frame to frame for its memory.
    public var candidates: [Detection] = []

    init(_ model: CompiledModel, outputNames: [String]) throws(EngineError) {
        let api = model.api
        self.model = model
        self.outputNames = outputNames
        let request = try Engine.attempt({ .inferenceFailed(reason: $0) }) {
            slov_request_create(api, model.pointer, $0, $1)
        }
        self.request = request
        let (memory, shape) = try Self.tensor { dims, rank, message, capacity in
            slov_request_input(api, request, dims, rank, message, capacity)
        }
        input = memory
        inputSize = shape.count == 4 ? PixelSize(width: shape[2], height: shape[1]) : PixelSize(width: 0, height: 0)
        callback.initialize(
            to: slov_callback(
                function: { context in
                    Unmanaged<InferRequest>.fromOpaque(context!).takeUnretainedValue().ended()
                }, context: Unmanaged.passUnretained(self).toOpaque()))
        _ = slov_request_set_callback(api, request, callback)
    }
    deinit {
        slov_request_free(api, request)
        callback.deallocate()
    }

    /// Runs the network on what is in `input`. The calling task is suspended; no thread of the pool waits.
    func run() async throws(EngineError) {
        var refusal: String?
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            waiter.withLock { $0 = continuation }
            if slov_request_start(api, request) != 0 {
                refusal = String(cString: slov_last_error(api))
                ended()
            }
        }
        // Waiting would answer for the inference before, whose outputs may be another camera's.
        if let refusal { throw .inferenceFailed(reason: refusal) }
        guard slov_request_wait(api, request) == 0 else {
            throw .inferenceFailed(reason: String(cString: slov_last_error(api)))
        }
    }
    private func ended() {
        waiter.withLock { waiter in
            defer { waiter = nil }
            return waiter
        }?.resume()
    }

    /// The outputs, in the order of the names that were asked for; their memory is valid until the next run.
    func outputs() throws(EngineError) -> [Tensor] {
        var tensors: [Tensor] = []
        for name in outputNames {
            let (memory, shape) = try Self.tensor { [api, request] dims, rank, message, capacity in
                slov_request_output(api, request, name, dims, rank, message, capacity)
            }
            let count = shape.reduce(1, *)
            tensors.append(Tensor(values: UnsafeBufferPointer(start: memory, count: count), shape: shape))
        }
        return tensors
    }

    private static func tensor<Pointer>(
        _ find: (UnsafeMutablePointer<Int64>, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<CChar>, Int) -> Pointer?
    ) throws(EngineError) -> (Pointer, [Int]) {
        var dims: [4 of Int64] = [0, 0, 0, 0]
        var rank: Int32 = 0
        let memory = try Engine.attempt({ .inferenceFailed(reason: $0) }) { message, capacity in
            withUnsafeMutablePointer(to: &dims) { pointer in
                pointer.withMemoryRebound(to: Int64.self, capacity: 4) { find($0, &rank, message, capacity) }
            }
        }
        return (memory, (0..<Int(rank)).map { Int(dims[$0]) })
    }
}
