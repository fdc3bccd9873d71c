import Foundation
import Identity
import Records

// Tokens say of handlers and verifiers which may be used with them.
extension Caller {
    /// Whether events may be made by a handler.
    func mayEmitEvents(by handler: UUID) throws(APIError) {
        try mayUse(handler, \.emitEvents, orElse: .mayNotEmit, listed: .mayNotUseHandler)
    }
    /// Whether faces may be compared by a verifier.
    func mayVerify(by verifier: UUID) throws(APIError) {
        try mayUse(verifier, \.verify, orElse: .mayNotVerify, listed: .mayNotUseVerifier)
    }

    private func mayUse(
        _ id: UUID, _ kind: KeyPath<TokenPermissions, TokenPermissions.Use?>, orElse refusal: APIError,
        listed: APIError
    ) throws(APIError) {
        guard case .token(let token) = proof else { return }
        guard let use = token.specification.permissions[keyPath: kind], use.isAllowed else { throw refusal }
        if let white = use.whiteList, !white.contains(id) { throw listed }
        if let black = use.blackList, black.contains(id) { throw listed }
    }
}
