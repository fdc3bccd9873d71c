import Foundation
import HTTPTypes
import Records

extension APIError {
    static func unhealthy(_ component: String, reason: String) -> APIError {
        APIError(
            status: .badGateway, code: 38001, description: "Health check error", detail: "GET:\(component):\(reason)")
    }
}
