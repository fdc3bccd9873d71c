import DoorSupport
import Foundation
import HTTPEdge
import HTTPTypes
import Identity
import JSON
import ObjectStore
import Records
import Store
import Testing

@testable import API

extension TestServer {
    /// A face of which somebody has asked what it looks like.
    func createFace(_ account: Account) async throws -> UUID {
        let source = FaceSource.features(FaceFeatures(basic: BasicAttributes(age: 33)))
        let face = try await store.createFace(.init(), source, account: account.id)
        try await store.note([
            BiometricAccess(
                reader: account.id, token: nil, requestID: "", action: .read, kind: .face, subject: face.id,
                accountID: account.id, time: .now)
        ])
        return face.id
    }
}

extension PermissionMatrixTests {
    /// What an operation needs besides an id to get as far as looking for the object.
    static let samples: [String: (query: String, body: JSONValue?)] = [
        "PATCH /6/streams/{stream_id}": ("?action=stop", nil), "PATCH /6/jobs/{job_id}": ("?action=cancel", nil),
        "PUT /6/streams/{stream_id}": ("", StreamTests.minimal),
        "GET /6/streams/{stream_id}/sse": ("?after=nothing", nil),  // else the answer would not end
        "PATCH /6/groups/{group_id}": ("", ["description": "changed"]),
        "PUT /6/tokens/{token_id}": ("", ["expiration_time": nil, "permissions": [:]]),
        "POST /6/handlers/{handler_id}/events/raw": ("", [:]),
        "PUT /6/handlers/{handler_id}": ("", ["description": "changed", "is_dynamic": true]),
        "GET /6/streams/{stream_id}/why": ("?time=2026-03-02T12:00:00Z", nil),
        "PATCH /6/faces/{face_id}": ("", ["user_data": "changed"]),
        "PUT /6/faces/{face_id}/attributes": ("", ["basic_attributes": ["age": 30]]),
        "PUT /6/verifiers/{verifier_id}": ("", [:]),
        "PATCH /6/lists/{list_id}": ("", ["user_data": "changed"]),
        "PATCH /6/lists/{list_id}/faces": ("", ["action": "detach", "face_ids": [.string(UUID().wire)]]),
    ]

    static func headers(
        _ proof: Proof, _ account: Account, _ server: TestServer
    ) async throws -> [String: String] {
        func bearer(_ visibility: Token.Visibility) async throws -> [String: String] {
            let token = try await server.identity.createToken(
                TokenSpecification(visibility: visibility, permissions: .all()), account: account.id)
            return ["Authorization": "Bearer \(token.jwt)"]
        }
        switch proof {
        case .password: return TestServer.basic(account)
        case .session: return try await SessionTests.browser(server, account)
        case .accountID: return ["Luna-Account-Id": account.id.uuidString.lowercased()]
        case .narrowToken: return try await bearer(.account)
        case .wideToken: return try await bearer(.all)
        }
    }
    /// A new object of `account` that an operation with `parameter` in its path is about.
    static func makeObject(
        _ parameter: String, _ account: Account, _ server: TestServer, for path: String
    ) async throws -> UUID? {
        func stored(_ kind: StoredObject.Kind) async throws -> UUID {
            let upload = server.store.upload()
            try await upload.append([1])
            return try await server.store.keep(
                upload, as: ObjectDraft(accountID: account.id, kind: kind, contentType: "image/png")
            ).id
        }
        return switch parameter {
        case "handler_id":
            try await server.store.createHandler(HandlerDetails(policies: nil), account: account.id).id
        case "event_id" where path.hasPrefix("/6/general"): try await server.createGeneralEvent(account)
        case "event_id" where path.hasSuffix("/deliveries"):
            try await DeliveryTests.report(server, account).event
        case "event_id": try await server.createEvent(account)
        case "stream_id": try await server.createStream(account).id
        case "image_id": try await stored(.image)
        case "object_id": try await stored(.object)
        case "sample_id": try await stored(path.contains("bodies") ? .bodySample : .faceSample)
        case "token_id": try await server.identity.createToken(TokenSpecification(), account: account.id).id
        case "job_id":
            try await server.store.insert(JobDraft(accountID: account.id, kind: .blob)).id
        case "delivery_id": try await DeliveryTests.report(server, account).deliveries.first
        case "face_id":
            try await server.createFace(account)
        case "verifier_id":
            try await server.store.createVerifier(
                VerifierDetails(policies: VerifierPolicies()), account: account.id
            ).id
        case "list_id": try await server.store.createList(account: account.id).id
        case "attribute_id":
            try await server.store.createAttribute(
                FaceFeatures(basic: BasicAttributes(age: 33)), account: account.id
            ).id
        case "group_id":
            try await server.store.createGroup(name: UUID().uuidString, account: account.id).id
        default: nil
        }
    }
}
