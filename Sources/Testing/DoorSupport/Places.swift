/// Servers that run at once. All tests start together, and each server holds some ten files: with more than 1300 open in one
/// process, Foundation's `Process` reads past the end of their list when another test starts a program.
private let places = Places(16)

/// A place is taken and given back; who finds none waits for his turn.
private actor Places {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []
    init(_ count: Int) { free = count }

    func take() async {
        if free > 0 { free -= 1 } else { await withCheckedContinuation { waiting.append($0) } }
    }
    func giveBack() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}

/// Runs `body` when it is its turn. Not to be called within itself.
public func inTurn(_ body: () async throws -> Void) async throws {
    await places.take()
    do {
        try await body()
    } catch {
        await places.giveBack()
        throw error
    }
    await places.giveBack()
}
