import Frames
import HTTPEdge
import HTTPTypes
import Jobs
import Media
import Pipeline
import Records

extension APIError {
    private static func badVideo(_ code: Int, _ detail: String, _ description: String = badInput) -> APIError {
        APIError(status: .badRequest, code: code, description: description, detail: detail)
    }
    private static func tooLarge(_ detail: String) -> APIError {
        APIError(status: .contentTooLarge, code: 37003, description: "Payload too large", detail: detail)
    }

    static func unsupportedAnalytic(_ name: String) -> APIError { forbidden(43006, "Unsupported analytics \(name)") }
    static func analysisFailed(_ reason: String) -> APIError {
        APIError(
            status: .internalServerError, code: 43007, description: "Internal server error",
            detail: "Video analytics processing failed: \(reason)")
    }

    /// Why a video could not be looked at; `nil` for failures of ours of which nothing more is known.
    /// - Parameter url: of the video.
    init?(_ error: any Error, video url: String) {
        switch error {
        case is JobCancelled: self = .jobWasCancelled
        // Of the work, that the daemon ends.
        case is CancellationError: self.init(PatienceEnd.shuttingDown)
        case let error as VideoLookError:
            switch error {
            case .tooLong, .answerTooLarge: self = .tooLarge("\(error)")
            case .failed(let reason): self = .analysisFailed(reason)
            }
        case PipelineError.invalidRectangle: self = .badRectangle
        case let error as PipelineError: self = .analysisFailed("\(error)")
        case let error as MediaError: self.init(error, video: url)
        case let failure as any SourceFailure where failure.isDamage: self = .damagedVideo(url)
        case let failure as any SourceFailure: self = .analysisFailed("\(failure)")
        default: return nil
        }
    }
    private init(_ error: MediaError, video url: String) {
        switch error {
        case .unsupportedReference, .fileNotAllowed, .noSuchFile, .notAFile, .unreadableFile, .emptyFile, .unknownHost,
            .addressNotAllowed, .refusedByPeer, .transportRefused, .redirected, .unauthorized, .notFoundOnServer,
            .segmentsMissing, .cannotOpen, .openTimedOut, .stalled,
            .interrupted, .closedByServer, .downloadFailed:
            self = .badVideo(
                11027, "Failed to download video by url '\(url)': \(error)", "External request failed")
        case .notVideo, .notPicture, .unsupportedStill, .indexMissing, .noVideoTrack, .unsupportedCodec, .tooManyPixels,
            .tooMuchMemory,
            .tooManyTracks, .tooLarge, .tooManyFrames, .timestampsUnavailable, .unsupportedPixelFormat:
            self = .badVideo(43003, "Unsupported video format: \(error)")
        case .nothingDecoded, .damaged: self = .damagedVideo(url)
        case .downloadTooLarge(let limit):
            self = .tooLarge("The video has more than \(limit) bytes (setting jobs.videosdk_size_limit)")
        case .downloadFolderUnusable: self = .noRoomForObjects
        case .cannotEncode, .cannotWriteVideo: self = .analysisFailed("\(error)")
        }
    }
    private static func damagedVideo(_ url: String) -> APIError {
        badVideo(43004, "Error occurred while decoding video by url '\(url)'")
    }

    /// Ours.
    private static let jobWasCancelled = APIError(
        status: .conflict, code: 90_022, description: "Conflict input data", detail: "The job was cancelled")
}
