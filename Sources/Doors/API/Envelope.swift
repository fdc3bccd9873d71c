import HTTPTypes
import Hummingbird
import JSON
import Logging
import Records
import Scene
import Store

/// What every answer has in common: its request id, CORS, errors in the known form, and a line in the access log.
struct Envelope: RouterMiddleware {
    typealias Context = APIContext
    let metrics: RequestMetrics

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        if let id = request.headers[.requestID].flatMap({ RequestID($0) }) { context.requestID = id }
        context.logger[metadataKey: "hb.request.id"] = nil  // one id is enough
        context.logger[metadataKey: LogKey.requestID] = "\(context.requestID)"

        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            response = Self.apiError(for: error, logger: context.logger).response
        }
        if request.method == .head { response = response.createHeadResponse() }
        response.headers[.requestID] = context.requestID.description
        response.headers[.accessControlAllowOrigin] = "*"
        let time = ContinuousClock.now - start
        Self.log(request, response, in: time, logger: context.logger)
        metrics.record(request.method, Self.route(context), response.status, in: time)
        return response
    }

    private static func apiError(for error: any Error, logger: Logger) -> APIError {
        switch error {
        case let error as APIError: return error
        case let violation as JSONViolation: return .badBody(violation)
        case StoreError.groupNotFound(let group): return .namedGroupNotFound(group)
        case StoreError.groupNameTaken(let name): return .groupNameTaken(name)
        case let error as HTTPError where error.status == .notFound: return .pageNotFound
        default:
            logger.error("Request failed", metadata: [LogKey.error: "\(error)"])
            return .internalError
        }
    }
    /// The template of the resource's path; `nil` for a path that is none.
    private static func route(_ context: APIContext) -> String? {
        context.endpointPath.flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    /// The path without its query, which may hold an address with a password; so may a path that is none of ours.
    private static func log(_ request: Request, _ response: Response, in time: Duration, logger: Logger) {
        logger.info(
            "Request",
            metadata: [
                LogKey.method: "\(request.method.rawValue)", LogKey.path: "\(Redaction.redacted(request.uri.path))",
                LogKey.status: "\(response.status.code)", LogKey.milliseconds: "\(time / .milliseconds(1))",
            ])
    }
}

/// Keys of the facts in this target's log lines.
enum LogKey {
    static let requestID = "request.id"
    static let method = "http.method"
    static let path = "http.path"
    static let status = "http.status"
    static let milliseconds = "duration.ms"
    static let error = "error"
    static let component = "component"
    static let streamID = "stream.id"
    static let closeCode = "websocket.close_code"
    static let dropped = "websocket.dropped"
}
