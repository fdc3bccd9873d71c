public import JSON

/// Who asks a source for its pictures, said apart from its address, so that nobody has to encode anything. However it is printed,
/// the password is `***`.
public struct SourceAuthorization: Hashable, Codable, Sendable, CustomStringConvertible, CustomReflectable {
    public let login, password: String
    private static let longest = 128

    public init(login: String, password: String) { (self.login, self.password) = (login, password) }

    /// `{"login", "password"}`: the password may be empty, as that of some cameras is.
    public init(_ reader: JSONReader) throws(JSONViolation) {
        _ = try reader.object(known: ["login", "password"])
        let login = try reader.required("login"), password = try reader.required("password")
        self.login = try login.string(maximumLength: Self.longest)
        self.password = try password.string(maximumLength: Self.longest)
        for part in [login, password] where part.value.string?.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) == true
        {
            throw part.violation("String should have no control characters")
        }
        guard !self.login.isEmpty else { throw login.violation("String should have at least 1 character") }
        // HTTP and RTSP send both as one text, which its first colon divides (RFC 7617 §2).
        guard !self.login.contains(":") else { throw login.violation("String should have no ':'") }
    }
    public var wire: JSONValue { ["login": .string(login), "password": .string(password)] }

    public var description: String { "\(login):\(Redaction.mask)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension SourceSpecification {
    /// Who asks, where that fits the reference.
    public static func authorization(
        _ reader: JSONReader, for reference: String
    ) throws(JSONViolation) -> SourceAuthorization {
        let authorization = try SourceAuthorization(reader)
        guard let address = SourceAddress(reference), address.scheme != "file" else {
            throw reader.violation("Only an address takes a login and a password, and the reference is a path")
        }
        guard !address.namesUser else {
            throw reader.violation("The address in the reference names a user, too; name one in one of the two places")
        }
        return authorization
    }
}
