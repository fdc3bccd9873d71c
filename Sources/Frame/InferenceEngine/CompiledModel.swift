import COpenVINO

/// A model made ready for this machine, owned by the requests that run it. Freeing it waits for its threads: up to 0.1 s.
///
/// `@unchecked Sendable`: OpenVINO's compiled models may be used from any thread.
final class CompiledModel: @unchecked Sendable {
    let api: OpaquePointer
    let pointer: OpaquePointer

    init(api: OpaquePointer, pointer: OpaquePointer) { (self.api, self.pointer) = (api, pointer) }
    deinit {
        slov_compiled_free(api, pointer)
        slov_keep_process_small()
    }
}
