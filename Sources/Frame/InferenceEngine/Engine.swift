import COpenVINO
import Foundation

/// The loaded OpenVINO library with its core. Lives as long as the process: unloading a library whose threads still
/// run is not safe.
///
/// `@unchecked Sendable`: OpenVINO's core and compiled models may be used from any thread; the table is never written.
final class Engine: @unchecked Sendable {
    let api: OpaquePointer
    private let core: OpaquePointer

    /// - Parameter folder: where `libopenvino_c.so…` lies, with its five companions.
    init(folder: URL) throws(EngineError) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        guard let name = names.filter({ $0.hasPrefix("libopenvino_c.so") || $0 == "libopenvino_c.dylib" }).max() else {
            throw .missingLibraries(folder: folder.path)
        }
        let path = folder.appendingPathComponent(name).path
        api = try Self.attempt({ .cannotLoad(reason: $0) }) { slov_load(path, $0, $1) }
        let api = api
        core = try Self.attempt({ .cannotLoad(reason: $0) }) { slov_core_create(api, $0, $1) }
    }

    var version: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { text in
            slov_version_text(api, text.baseAddress, text.count)
            return String(cString: text.baseAddress!)
        }
    }

    /// Reads and compiles a model for packed 8-bit pictures in the model's own channel order.
    /// - Parameters:
    ///   - path: of an ONNX file or an OpenVINO IR.
    ///   - threads: for all inferences together.
    ///   - parallelism: inferences that may run at once.
    func compile(
        path: String, mean: [Float], scale: [Float], threads: Int, parallelism: Int
    ) throws(EngineError) -> OpaquePointer {
        let unusable = { EngineError.unusableModel(path: path, reason: $0) }
        let (api, core) = (api, core)
        let model = try Self.attempt(unusable) { slov_model_read(api, core, path, $0, $1) }
        defer { slov_model_free(api, model) }
        // Pictures are drawn in the order of the model's channels, so that nothing is swapped at run time.
        var how = slov_preprocess(
            is_bgr: 1, model_is_bgr: 1, mean: (mean[0], mean[1], mean[2]), scale: (scale[0], scale[1], scale[2]))
        let prepared = try Self.attempt(unusable) { slov_model_with_pictures(api, model, &how, $0, $1) }
        defer { slov_model_free(api, prepared) }
        let compiled = try Self.attempt(unusable) {
            slov_compile(api, core, prepared, Int32(threads), Int32(parallelism), $0, $1)
        }
        slov_keep_process_small()
        return compiled
    }

    /// Runs a C function that answers `nil` and a sentence when it fails.
    static func attempt<Pointer>(
        _ error: (String) -> EngineError, _ body: (UnsafeMutablePointer<CChar>, Int) -> Pointer?
    ) throws(EngineError) -> Pointer {
        let (result, text) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { message in
            message[0] = 0
            let result = body(message.baseAddress!, message.count)
            return (result, result == nil ? String(cString: message.baseAddress!) : "")
        }
        guard let result else { throw error(oneLine(text)) }
        return result
    }

    /// The engine's messages run over many lines with source positions; the last line that says something is the cause.
    private static func oneLine(_ text: String) -> String {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
        let cause = lines.last { !$0.isEmpty && !$0.hasPrefix("Exception from") && !$0.hasPrefix("Check '") }
        let step = lines.first.map { $0.prefix { $0 != ":" } } ?? ""
        guard let cause else { return String(step) }
        return cause.hasPrefix(step) ? cause : "\(step): \(cause)"
    }
}
