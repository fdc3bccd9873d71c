import Foundation
import GRDB
import SQL

extension SQLiteDatabase {
    public var mayBeDamaged: Bool { mark.isThere }

    public func findDamage() async throws -> String? {
        do {
            let found: String? = try await read { try $0.value("PRAGMA quick_check(1)") }
            guard found == "ok" else { return found }
            mark.clear()
            return nil
        } catch let error as SQLError where error.kind == .damaged {
            return error.description
        }
    }

    /// To be called when another file has come into the place of one that may be damaged.
    public static func trust(_ path: String) { unlink(DamageMark.path(of: path)) }

    /// What went wrong, in words that do not speak of GRDB; where it is damage, the next start looks for more.
    func noted(_ error: any Error) -> any Error {
        let told: any Error = (error as? DatabaseError).map { SQLError($0) } ?? error
        if (told as? SQLError)?.kind == .damaged { mark.meet() }
        return told
    }
}
