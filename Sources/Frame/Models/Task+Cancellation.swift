extension Task where Failure == any Error {
    /// What the task comes to, for as long as the caller is not cancelled; the task itself goes on then.
    /// - Throws: `CancellationError` at once when the calling task is cancelled.
    var valueUnlessCancelled: Success {
        get async throws {
            let (results, answer) = AsyncThrowingStream.makeStream(of: Success.self, throwing: (any Error).self)
            let waiter = Task<Void, Never> {
                do { answer.yield(try await value) } catch { answer.finish(throwing: error) }
            }
            defer { waiter.cancel() }
            for try await result in results { return result }
            throw _Concurrency.CancellationError()
        }
    }
}
