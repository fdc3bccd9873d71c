import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import Jobs
import NIOCore
import Records
import Store

// What is known of a batch before it is over.
extension CameraTrapDoor {
    /// How long a link is good; each look at the task gives another.
    private static let lifetime: TimeInterval = 86_400

    /// Path and query.
    func partialLink(to job: Job) async throws -> String {
        let name = "\(job.id.bare)_partial_\(BatchRequest(job.parameters).name).json"
        return try await StorageLink(
            "\(Self.prefix)/task/\(job.id.bare)/partial_results/\(name)", .read,
            until: Date.now.addingTimeInterval(Self.lifetime)
        ).signed(by: identity, for: job.accountID)
    }

    /// The results of all pictures that are over, as of now.
    @Sendable func partialResults(_ call: OpenCall) async throws -> Response {
        guard let (link, account) = try await StorageLink.open(call.request.uri.string, by: identity),
            link.rights.contains(.read), link.expiry > .now
        else { throw CameraTrapError(.forbidden, "The link has expired or was altered.") }
        guard let id = call.parameter("id").flatMap({ UUID(bare: $0) }),
            let job = try await store.job(id: id, account: account), job.kind == .cameraTrap
        else { throw CameraTrapError.taskNotFound }
        let file = BatchResultFile(store: store, job: job, detector: detector, isPartial: true)
        let body = ResponseBody { writer in
            // Written by turns: what comes next waits until the client has what was.
            try await file.write { try await writer.write(ByteBuffer(bytes: $0)) }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "application/json"], body: body)
    }
}
