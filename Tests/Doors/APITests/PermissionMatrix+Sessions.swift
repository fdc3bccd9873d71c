import DoorSupport
import Foundation
import HTTPEdge
import HTTPTypes
import Records
import Testing

@testable import API

extension PermissionMatrixTests {
    /// What becomes of somebody who has said the account's password.
    static func known(_ account: Account, _ access: Access) -> Expected {
        switch access {
        case .tokenOnly: onlyToken
        case .admin where account.kind != .admin: .refused(403, 12049, "Resource is disabled.")
        default: .allowed
        }
    }
    /// What a browser sends that is signed in; the last may end the session.
    static func sessions(
        of account: Account, _ secret: String, _ operation: Door.Entry, _ access: Access
    ) -> [(name: String, headers: [String: String], expected: Expected)] {
        let known = Self.known(account, access), isReading = [.get, .head].contains(operation.method)
        func headers(_ secret: String, _ more: [String: String]) -> [String: String] {
            ["Cookie": "sightline_session=\(secret)"].merging(more) { $1 }
        }
        let console = ["X-Sightline-Console": "1"]
        return [
            ("a session without the header", headers(secret, [:]), isReading ? known : foreign),
            (
                "a session from another page", headers(secret, console.merging(["Origin": "http://b.example"]) { $1 }),
                foreign
            ),
            (
                "a session that nobody has", headers(String(repeating: "a", count: 43), console),
                access == .tokenOnly ? onlyToken : nothing
            ),
            ("a session", headers(secret, console), known),
        ]
    }
}
