import COpenVINO
public import Foundation
public import Inference

/// The loaded OpenVINO library with its core, and the budget that all its networks share. A process has one, which lives as
/// long as the process: unloading a library whose threads still run is not safe.
///
/// `@unchecked Sendable`: OpenVINO's core may be used from any thread; the table is never written.
public final class Engine: @unchecked Sendable {
    private let api: OpaquePointer
    private let core: OpaquePointer
    private let parallelism: Int
    private let budget: InferenceBudget

    /// Loads the libraries: some tens of milliseconds, on a thread of its own.
    /// - Parameters:
    ///   - folder: where `libopenvino_c.so…` lies, with its six companions.
    ///   - parallelism: inferences that run at once, over all networks, one thread each. At least 1.
    public static func load(folder: URL, parallelism: Int) async throws(EngineError) -> Engine {
        try await onOwnThread { () throws(EngineError) in try Engine(folder: folder, parallelism: parallelism) }
    }

    private init(folder: URL, parallelism: Int) throws(EngineError) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        guard let name = names.filter({ $0.hasPrefix("libopenvino_c.so") || $0 == "libopenvino_c.dylib" }).max() else {
            throw .missingLibraries(folder: folder.path)
        }
        let path = folder.appendingPathComponent(name).path
        api = try Self.attempt({ .cannotLoad(reason: $0) }) { slov_load(path, $0, $1) }
        let api = api
        core = try Self.attempt({ .cannotLoad(reason: $0) }) { slov_core_create(api, $0, $1) }
        self.parallelism = parallelism
        budget = InferenceBudget(places: parallelism + 1)
    }

    /// Such as `OpenVINO 2026.4.1-…`.
    public var version: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { text in
            slov_version_text(api, text.baseAddress, text.count)
            return "OpenVINO \(String(cString: text.baseAddress!))"
        }
    }

    /// Reads a card's model and compiles it for packed 8-bit pictures in the model's own channel order: half a second to some
    /// seconds, on a thread of its own.
    /// - Throws: `EngineError`; `ModelError` when the file's hash is not the card's.
    public func network(_ card: any NetworkCard) async throws -> Network {
        try await onOwnThread {
            try card.verifyFile()
            do throws(EngineError) {
                return try Network(try self.compile(card), outputs: card.outputs, budget: self.budget)
            } catch .inferenceFailed(let reason) {
                throw EngineError.unusableModel(path: card.file.path, reason: reason)
            }
        }
    }

    /// Every network has threads enough for the whole budget, but those that are serial; the budget keeps them from being busy all at once.
    private func compile(_ card: any NetworkCard) throws(EngineError) -> CompiledModel {
        let path = card.file.path, input = card.input
        let unusable = { EngineError.unusableModel(path: path, reason: $0) }
        let (api, core) = (api, core)
        let model = try Self.attempt(unusable) { slov_model_read(api, core, path, $0, $1) }
        defer { slov_model_free(api, model) }
        if input.isReshaped {
            _ = try Self.attempt(unusable) { message, capacity in
                slov_model_reshape(
                    api, model, Int64(input.batch), Int64(input.width), Int64(input.height), message, capacity) == 0
                    ? model : nil
            }
        }
        // Pictures are drawn in the order of the model's channels, so that nothing is swapped at run time; for grey ones as RGB.
        let isBGR: Int32 = input.color == .bgr ? 1 : 0
        var how = slov_preprocess(
            is_bgr: isBGR, model_is_bgr: isBGR, model_is_gray: input.color == .gray ? 1 : 0,
            model_is_nhwc: input.layout == .nhwc ? 1 : 0, mean: (input.mean[0], input.mean[1], input.mean[2]),
            scale: (input.scale[0], input.scale[1], input.scale[2]))
        let prepared = try Self.attempt(unusable) { slov_model_with_pictures(api, model, &how, $0, $1) }
        defer { slov_model_free(api, prepared) }
        let count = Int32(input.isSerial ? 1 : parallelism)
        let compiled = try Self.attempt(unusable) { slov_compile(api, core, prepared, count, count, $0, $1) }
        slov_keep_process_small()
        return CompiledModel(api: api, pointer: compiled)
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
