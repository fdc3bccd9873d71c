import Foundation
import Identity
import Records

extension Caller {
    /// Tokens say whether events may be made with them, and by which handlers.
    func mayEmitEvents(by handler: UUID) throws(APIError) {
        guard case .token(let token) = proof else { return }
        guard let use = token.specification.permissions.emitEvents, use.isAllowed else { throw .mayNotEmit }
        if let white = use.whiteList, !white.contains(handler) { throw .mayNotUseHandler }
        if let black = use.blackList, black.contains(handler) { throw .mayNotUseHandler }
    }
}
