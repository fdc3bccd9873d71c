/// Where a request goes whose query is signed: a link that needs no other credentials.
struct SignedLink {
    /// As it was signed, without the query.
    let path: String
    let signature: String

    static let parameter = "signature"

    /// - Parameter target: path and query of a request; `nil` when nothing in it is a signature.
    init?(_ target: String) {
        guard let mark = target.firstIndex(of: "?"),
            let signature = target[mark...].dropFirst().split(separator: "&").last(where: {
                $0.hasPrefix("\(Self.parameter)=")
            })
        else { return nil }
        path = String(target[..<mark])
        self.signature = String(signature.dropFirst(Self.parameter.count + 1))
    }
}
