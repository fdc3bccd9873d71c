/// Does something that must not hold anybody up, and returns when it is done or `patience` is over; then it goes on by itself.
func briefly(_ patience: Duration, _ work: @escaping @Sendable () async -> Void) async {
    let isOver = Signal()
    Task.detached {
        await work()
        isOver.raise()
    }
    Task.detached {
        try? await Task.sleep(for: patience)
        isOver.raise()
    }
    await isOver.wait()
}
