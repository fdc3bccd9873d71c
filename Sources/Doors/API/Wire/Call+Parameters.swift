import Foundation
import HTTPEdge
import HummingbirdCore
import Records

typealias ResourceTable = HTTPEdge.ResourceTable<Authenticator>
typealias Call = HTTPEdge.Call<Caller>
typealias OpenCall = HTTPEdge.Call<Anybody>

extension HTTPEdge.Call {
    var query: Query { Query(request.uri.query) }

    /// The id in the path. Anything that is no id is a page that does not exist.
    func id(_ name: String) throws(Refusal) -> UUID {
        guard let id = parameter(name).flatMap({ UUID(wire: $0) }) else { throw .pageNotFound }
        return id
    }
}
