import COpenVINO

/// A model made ready for this machine, owned by the requests that run it.
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
