import SQL
import Synchronization

/// There is but one log to be folded in.
enum Erasure: Hashable { case files }

// What is deleted of faces is gone: an embedded database overwrites it in its own file (`secure_delete`), and its log, which holds the pages
// of before, is folded in and cut to nothing before anybody is told.
extension Store {
    /// Returns when what a commit has removed is left in no file of an embedded database. Where somebody else reads the database, as a
    /// backup does, its log cannot be cut; then `eraseWhatIsLeft` does it later. Those who come at the same time share one fold.
    func erase() async {
        // Each try holds everybody up for as long as it waits for whoever keeps the log.
        let isHeld = isLogHeld.load(ordering: .acquiring)
        do {
            if !isHeld { try await erasures.answer(to: .files) { [database] in try await database.foldIn() } }
        } catch {
            isLogHeld.store(true, ordering: .releasing)
        }
        if isLogHeld.load(ordering: .acquiring) { isErasureDue.store(true, ordering: .releasing) }
    }
    /// Whether removed features may still lie in a log: also of a process before this one, as nobody knows how that has ended.
    public func eraseWhatIsLeft() async throws -> Int {
        guard isErasureDue.exchange(false, ordering: .acquiringAndReleasing) else { return 0 }
        do { try await foldIn() } catch {
            isErasureDue.store(true, ordering: .releasing)
            throw error
        }
        isLogHeld.store(false, ordering: .releasing)
        return 1
    }
}
