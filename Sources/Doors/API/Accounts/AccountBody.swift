import Foundation
import JSON
import Records

/// Reads the bodies of `docs/contract/accounts.md §3`: creation and change of an account.
struct AccountBody {
    let change: AccountChange

    private static let fields: Set<String> = ["login", "password", "account_type", "description"]

    init(_ body: JSONReader) throws(JSONViolation) {
        let members = try body.fields(Self.fields)
        guard !members.isEmpty else { throw body.violation("at least 1 field must be specified") }
        let type = try body.optional("account_type")?.choice(
            of: [Account.Kind.user, .advancedUser].map(\.rawValue))
        change = AccountChange(
            login: try body.optional("login")?.login(), password: try body.optional("password")?.password(),
            kind: type.flatMap(Account.Kind.init(rawValue:)),
            description: try body.optional("description")?.text(in: 0...128))
    }

    struct Creation {
        let login, password, description: String
        let kind: Account.Kind
        init(_ body: JSONReader) throws(JSONViolation) {
            _ = try body.fields(AccountBody.fields)
            for name in ["login", "password", "account_type"] { _ = try body.field(name) }
            let change = try AccountBody(body).change
            guard let login = change.login, let password = change.password, let kind = change.kind else {
                throw body.violation("field required")
            }
            (self.login, self.password, self.kind, description) = (login, password, kind, change.description ?? "")
        }
    }
}

extension JSONReader {
    fileprivate func login() throws(JSONViolation) -> String {
        let login = try text(in: 3...128)
        guard Account.isValid(login: login) else {
            throw violation(#"string does not match regex "^[a-z0-9_\-\.]+@[a-z]+\.[a-z]{2,}$""#)
        }
        return login
    }
    fileprivate func password() throws(JSONViolation) -> String {
        let password = try text(in: 3...128)
        guard Account.isValid(password: password) else {
            throw violation(#"string does not match regex "^.{3,128}$""#)
        }
        return password
    }
}

// The older wording, which clients know from accounts and tokens.
extension JSONReader {
    func fields(_ known: Set<String>) throws(JSONViolation) -> [String: JSONValue] {
        guard case .object(let members) = value else { throw violation("value is not a valid dict") }
        if let extra = members.keys.filter({ !known.contains($0) }).min() {
            throw child(extra, .null).violation("extra fields not permitted")
        }
        return members
    }
    func field(_ key: String) throws(JSONViolation) -> JSONReader {
        guard let field = try optional(key) else { throw child(key, .null).violation("field required") }
        return field
    }
    func text(in lengths: ClosedRange<Int>) throws(JSONViolation) -> String {
        guard let text = value.string else { throw violation("str type expected") }
        let length = text.unicodeScalars.count
        if length < lengths.lowerBound {
            throw violation("ensure this value has at least \(lengths.lowerBound) characters")
        }
        if length > lengths.upperBound {
            throw violation("ensure this value has at most \(lengths.upperBound) characters")
        }
        return text
    }
    func choice(of permitted: [String]) throws(JSONViolation) -> String {
        guard let text = value.string, permitted.contains(text) else { throw violation("unexpected value") }
        return text
    }
    func uuid() throws(JSONViolation) -> UUID {
        guard let id = value.string.flatMap(UUID.init(wire:)) else { throw violation("value is not a valid uuid") }
        return id
    }
    func list(in counts: ClosedRange<Int>) throws(JSONViolation) -> [JSONReader] {
        guard let items = value.array else { throw violation("value is not a valid list") }
        if items.count < counts.lowerBound {
            throw violation("ensure this value has at least \(counts.lowerBound) items")
        }
        if items.count > counts.upperBound {
            throw violation("ensure this value has at most \(counts.upperBound) items")
        }
        return items.enumerated().map { child(String($0.offset), $0.element) }
    }
}
