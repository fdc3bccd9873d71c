import Foundation

/// Runs what blocks for long, such as compiling a model, on a thread made for it, so that the cooperative pool goes on.
func onOwnThread<R: Sendable, E: Error>(_ body: @escaping @Sendable () throws(E) -> R) async throws(E) -> R {
    let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<R, E>, Never>) in
        Thread.detachNewThread {
            do throws(E) { continuation.resume(returning: .success(try body())) } catch {
                continuation.resume(returning: .failure(error))
            }
        }
    }
    return try result.get()
}
