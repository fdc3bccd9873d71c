import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import Identity
import ObjectTransfer
import Records
import Store

/// `/storage/{container}/{job}/{name}`: bytes that jobs were given or result in, by links that are credentials of their own.
struct StorageDoor: Sendable {
    static let prefix = "/storage"
    let store: Store
    let identity: Identity
    /// Where something may be written, by the name of its container: what is written there for a job of an account; `nil`: no such thing.
    var uploads: [String: @Sendable (_ job: UUID, _ name: String, _ account: UUID) async throws -> BlockUpload?] = [:]

    /// Where an object of a job is found.
    /// - Parameter container: which door's it is.
    static func path(_ container: String, _ job: String, _ name: String) -> String {
        let allowed = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        return "\(prefix)/\(container)/\(job)/\(name.addingPercentEncoding(withAllowedCharacters: allowed)!)"
    }

    var door: Door {
        let table = OpenTable(OpenGate())
        table.add(
            "\(Self.prefix)/{container}/{job}/{name}", .get(read), .head(read),
            .put(body: .bytes(limit: BlockUpload.longestBlob), write))
        return Door(
            prefix: Self.prefix, table: table, answer: { StorageError($0).answer() },
            explain: { StorageError($0)?.answer() })
    }

    @Sendable private func read(_ call: OpenCall) async throws -> Response {
        let (link, account) = try await link(of: call), query = StorageQuery(call.request.uri.string)
        if query["comp"] == "blocklist" {
            guard let upload = try await upload(call, account) else { throw StorageError.notFound }
            return try await upload.list(call, query)
        }
        guard link.rights.contains(.read) else { throw StorageError.noRight }
        guard let job = call.parameter("job").flatMap({ UUID(bare: $0) }),
            let name = call.parameter("name")?.removingPercentEncoding,
            let object = try await store.objects(ofJob: job).last(where: {
                $0.meta["Name"] == name && $0.accountID == account
            })
        else { throw StorageError.notFound }
        let headers: HTTPFields = [.storageBlobType: "BlockBlob", .lastModified: object.createTime.httpDate]
        switch try await ObjectAnswer(of: object, in: store, to: call.request, headers: headers) {
        case .response(let response): return response
        case .gone: throw StorageError.notFound
        case .noSuchRange: throw StorageError.badRange
        }
    }

    @Sendable private func write(_ call: OpenCall) async throws -> Response {
        let (link, account) = try await link(of: call)
        guard link.rights.contains(.write) else { throw StorageError.noRight }
        guard let upload = try await upload(call, account) else { throw StorageError.notFound }
        return try await upload.put(call, StorageQuery(call.request.uri.string))
    }
    private func upload(_ call: OpenCall, _ account: UUID) async throws -> BlockUpload? {
        guard let make = call.parameter("container").flatMap({ uploads[$0] }),
            let job = call.parameter("job").flatMap({ UUID(bare: $0) }),
            let name = call.parameter("name")?.removingPercentEncoding
        else { return nil }
        return try await make(job, name, account)
    }

    private func link(of call: OpenCall) async throws -> (link: StorageLink, account: UUID) {
        guard let opened = try await StorageLink.open(call.request.uri.string, by: identity),
            opened.link.expiry > .now
        else { throw StorageError.notSigned }
        return opened
    }
}

extension Date {
    /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
    var httpDate: String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.string(from: self)
    }
}
