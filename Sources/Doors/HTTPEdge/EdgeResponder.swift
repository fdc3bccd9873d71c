import HTTPTypes
import Hummingbird
import Logging
import Records

/// Leads a request to its door and resource, and gives every answer what all have in common: its request id, that it is
/// what it says it is, CORS, errors in the form of the door, and a line in the access log.
struct EdgeResponder: HTTPResponder {
    let edge: Edge

    func respond(to request: Request, context: EdgeContext) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        context.begin(request, edge.listener)

        let path = request.uri.path[...]
        let door = edge.doors.door(of: path)
        let resource = door.resources[path]
        var response: Response
        do {
            guard let resource else { throw Refusal.pageNotFound }
            response = try await resource.answer(request, context)
        } catch {
            if let limit = (error as? Refusal)?.limit { edge.metrics.limits.count(limit) }
            response = door.answer(to: error, logger: context.logger).response
        }
        if request.method == .head { response = response.createHeadResponse() }
        response.headers[.requestID] = context.requestID.description
        response.headers[.xContentTypeOptions] = "nosniff"
        edge.listener.addCrossOrigin(
            to: &response.headers, for: request.headers[.origin],
            methods: request.method == .options ? resource?.allow : nil)
        let time = ContinuousClock.now - start
        Self.log(request, response, in: time, logger: context.logger)
        edge.metrics.record(request.method, resource?.path, response.status, in: time)
        return response
    }

    /// The path without its query, which may hold an address with a password; so may a path that is none of ours.
    private static func log(_ request: Request, _ response: Response, in time: Duration, logger: Logger) {
        logger.info(
            "Request",
            metadata: [
                HTTPLogKey.method: "\(request.method.rawValue)",
                HTTPLogKey.path: "\(Redaction.redacted(request.uri.path, as: .path))",
                HTTPLogKey.status: "\(response.status.code)",
                HTTPLogKey.milliseconds: "\(time / .milliseconds(1))",
            ])
    }
}
