/// Why the inference engine cannot work; each case is one sentence for the operator.
public enum EngineError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The libraries are not where they were looked for.
    case missingLibraries(folder: String)
    case cannotLoad(reason: String)
    /// The file is no model, or not one this engine reads.
    case unusableModel(path: String, reason: String)
    /// The model is not what its card says.
    case cardMismatch(path: String, expected: String, found: String)
    /// One inference failed.
    case inferenceFailed(reason: String)

    public var description: String {
        switch self {
        case .missingLibraries(let folder):
            "The inference engine is missing: no libopenvino_c in \(folder). Run scripts/setup, or set SIGHTLINE_ENGINE_DIR to the folder of the OpenVINO libraries."
        case .cannotLoad(let reason): "The inference engine cannot be loaded: \(reason)."
        case .unusableModel(let path, let reason): "The model \(path) cannot be used: \(reason)."
        case .cardMismatch(let path, let expected, let found):
            "The model \(path) does not fit its card: wanted \(expected), found \(found)."
        case .inferenceFailed(let reason): "Inference failed: \(reason)."
        }
    }
}
