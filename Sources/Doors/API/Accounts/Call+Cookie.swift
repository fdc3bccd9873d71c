import HTTPEdge

extension HTTPEdge.Call {
    /// The value of `Set-Cookie` for a cookie that no script reads and no page of another site has sent. Once it came encrypted, a browser
    /// never sends it otherwise.
    /// - Parameter seconds: for which the browser keeps it, 0 to forget it; `nil`: until it is closed.
    func cookie(_ kind: CookieKind, _ value: String, seconds: Int? = nil) -> String {
        "\(kind.name(in: context))=\(value); Path=/; HttpOnly; SameSite=Strict"
            + (seconds.map { "; Max-Age=\($0)" } ?? "")
            + (context.baseURL.hasPrefix("https:") ? "; Secure" : "")
    }
}
