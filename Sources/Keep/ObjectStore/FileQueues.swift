import Dispatch
import Foundation
import Synchronization

/// The threads that wait for the disk, so that no task does. A file is open only while one of them is at work on it, which bounds
/// the descriptors to their number.
final class FileQueues: Sendable {
    private let queues: [DispatchQueue]
    private let next = Atomic(0)

    init(count: Int = 4) { queues = (0..<count).map { DispatchQueue(label: "object files \($0)") } }

    func run<Value: Sendable>(_ body: @escaping @Sendable () throws(ObjectFileError) -> Value) async throws -> Value {
        let (turn, _) = next.wrappingAdd(1, ordering: .relaxed)
        return try await withCheckedThrowingContinuation { continuation in
            queues[turn & 0xffff % queues.count].async {
                continuation.resume(
                    with: Result { () throws(ObjectFileError) in try body() }.mapError { $0 as any Error })
            }
        }
    }
}
