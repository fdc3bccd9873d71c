import Foundation
import JSON
import Records
import Store
import Synchronization

/// Which account somebody is who comes with a name or a key that is none of ours, by a JSON file of the operator: `{"name": "login"}`.
/// The file is read anew when it has changed, so names come and go while the daemon runs.
final class Aliases: Sendable {
    private struct Known {
        var change: Date?
        var size: Int?
        var logins: [String: String] = [:]
    }
    private let path: String?
    private let store: Store
    private let known = Mutex(Known())

    /// - Parameter file: `nil`: nobody is known.
    init(_ file: URL?, _ store: Store) { (path, self.store) = (file?.path, store) }

    /// - Throws: `StoreError`.
    func account(of name: String) async throws -> Account? {
        guard let login = logins[name] else { return nil }
        return try await store.accountWithHash(login: login)?.account
    }

    /// What a file says that cannot be read is that nobody is known.
    private var logins: [String: String] {
        guard let path else { return [:] }
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        let change = attributes?[.modificationDate] as? Date, size = attributes?[.size] as? Int
        return known.withLock { known in
            if change != known.change || size != known.size || change == nil {
                let value = FileManager.default.contents(atPath: path).flatMap { try? JSONValue(parsing: $0) }
                known = Known(change: change, size: size, logins: value?.object?.compactMapValues(\.string) ?? [:])
            }
            return known.logins
        }
    }
}
