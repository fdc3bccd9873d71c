import Foundation
import JSON
import Records
import Store
import Synchronization

/// Which account somebody is who comes with a name or a key that is none of ours, by a JSON file of the operator: `{"name": "login"}`, or
/// `{"name": {"login": "login", "credits": 100}}`. The file is read anew when it has changed, so names come and go while the daemon runs.
final class Aliases: Sendable {
    /// What is known of somebody.
    struct Entry: Hashable, Sendable {
        let login: String
        /// Those that his account may have used in all; `nil`: any.
        var credits: Int?

        /// `nil` for what cannot be understood: who may not have all is not given all.
        init?(_ value: JSONValue) {
            if let login = value.string {
                self.login = login
                return
            }
            guard let members = value.object, let login = members["login"]?.string else { return nil }
            self.login = login
            switch members["credits"] {
            case nil, .null: break
            case .integer(let credits) where credits >= 0: self.credits = Int(credits)
            default: return nil
            }
        }
    }
    private struct Known {
        var change: Date?
        var size: Int?
        var entries: [String: Entry] = [:]
    }
    private let path: String?
    private let store: Store
    private let known = Mutex(Known())

    /// - Parameter file: `nil`: nobody is known.
    init(_ file: URL?, _ store: Store) { (path, self.store) = (file?.path, store) }

    /// - Throws: `StoreError`.
    func account(of name: String) async throws -> Account? { try await holder(of: name)?.account }
    /// With what the file says of him.
    /// - Throws: `StoreError`.
    func holder(of name: String) async throws -> (account: Account, entry: Entry)? {
        guard let entry = entries[name], let account = try await store.accountWithHash(login: entry.login)?.account
        else { return nil }
        return (account, entry)
    }

    /// What a file says that cannot be read is that nobody is known.
    private var entries: [String: Entry] {
        guard let path else { return [:] }
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        let change = attributes?[.modificationDate] as? Date, size = attributes?[.size] as? Int
        return known.withLock { known in
            if change != known.change || size != known.size || change == nil {
                let value = FileManager.default.contents(atPath: path).flatMap { try? JSONValue(parsing: $0) }
                known = Known(change: change, size: size, entries: value?.object?.compactMapValues(Entry.init) ?? [:])
            }
            return known.entries
        }
    }
}
