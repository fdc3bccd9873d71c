import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import ObjectTransfer
import Records
import Store

extension HTTPField.Name {
    static let expiryDate = Self("X-Luna-Expiry-Date")!
    /// What follows is the name of what somebody wrote of an image.
    static let metaPrefix = "X-Luna-Meta-"
}

extension Services {
    /// The bytes of an object, or the part of them that is asked for.
    /// - Parameter headers: beside those that all objects have.
    func answer(with object: StoredObject, to call: Call, headers: HTTPFields = [:]) async throws -> Response {
        var headers = headers
        headers[.expiryDate] = object.expiry.map(\.calendarDate) ?? ""
        switch try await ObjectAnswer(of: object, in: store, to: call.request, headers: headers) {
        case .response(let response): return response
        case .gone: throw APIError.objectNotFound(object.kind, object.id)
        case .noSuchRange: throw APIError.noSuchRange(size: object.size)
        }
    }
}

extension Date {
    /// `2024-03-12`, by the calendar of Greenwich.
    var calendarDate: String { String(rfc3339.prefix(10)) }
}
