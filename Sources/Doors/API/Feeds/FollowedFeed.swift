import JSON
import Records
import Store
import Streams
import Synchronization

/// A message of a feed that can be resumed.
struct FeedMessage: Sendable {
    let text: String
    /// Where a reader is who has got it; `nil`: where it was before.
    var cursor: String?
    /// Whether none follows because nothing more will happen.
    var isLast = false
}

/// How a kind of feed says what all have in common.
struct FeedWording: Sendable {
    /// Members of each message that tells no record.
    let envelope: [String: JSONValue]
    /// The message of a record, an object without its numbers; `nil` when it is not for this reader.
    let record: @Sendable (FollowedRecord) -> String?
    /// Whether the reader is told numbers, and what is missing; else records alone.
    var isNumbered = true
}

/// What a feed tells beside records.
protocol FeedCompany: Sendable {
    /// Called with each record that was told or left out, in their order.
    mutating func note(_ record: FollowedRecord)
    /// What is told to a reader who has all records at the moment.
    mutating func news() -> [JSONValue]
    /// How the feed ends, once no further record can come; `nil` while one may.
    mutating func ending() async throws -> FeedEnding?
}

/// The last message of a feed, and how it ends with it.
struct FeedEnding: Sendable {
    let message: JSONValue
    let end: FollowedFeed.End
}

/// A feed that tells the records of a scope in their order, first those that are there and then those that come, each with its number
/// and with the one up to which the reader had been told before: so that he can prove that he missed none, and go on from any of them.
///
/// Records are read from the store when the reader can take more, so nothing waits in memory for whoever is slow.
final class FollowedFeed: Sendable {
    enum End: Sendable {
        case finished, failed
        /// The reader was too slow.
        case lagged
        /// The credentials that opened it are no longer good.
        case refused
        /// Ended from outside, or the client is gone.
        case stopped
        /// The store failed.
        case broken
    }
    struct Pace: Hashable, Sendable {
        /// Between two messages about the position.
        var positionInterval = Duration.seconds(20)
        /// Whoever takes longer for a message, while records wait for him, is too slow.
        var patience = Duration.seconds(10)
    }
    private let records: RecordFeed
    private let wording: FeedWording
    private let pace: Pace
    private let store: Store
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation
    private let stopped = Mutex<End?>(nil)

    /// - Parameter place: behind which it begins.
    init(_ scope: RecordScope, after place: Int64, in store: Store, wording: FeedWording, pace: Pace) {
        (self.store, self.wording, self.pace) = (store, wording, pace)
        records = RecordFeed(of: scope, after: place, in: store)
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Says that its company may have something to tell. Never waits.
    func wake() { waker.yield() }
    /// Makes `run` return soon, unless it waits for the client.
    func stop(_ end: End) {
        stopped.withLock { $0 = $0 ?? end }
        wake()
    }

    /// Tells until the feed ends. To be called once.
    /// - Parameter send: waits until the client can take more, and throws when it is gone.
    func run(beside company: (any FeedCompany)? = nil, send: (FeedMessage) async throws -> Void) async -> End {
        let changes = records.changes, start = ContinuousClock.now
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { [waker] in for await _ in changes { waker.yield() } }
            group.addTask { [waker, pace] in
                while (try? await Task.sleep(for: pace.positionInterval)) != nil { waker.yield() }
            }
            defer { group.cancelAll() }
            do { return try await tell(from: start, beside: company, send) } catch is StoreError {
                return .broken
            } catch {
                return .stopped
            }
        }
    }

    private struct TooSlow: Error { let last: Int64 }
    private func tell(
        from start: ContinuousClock.Instant, beside company: (any FeedCompany)?,
        _ send: (FeedMessage) async throws -> Void
    ) async throws -> End {
        var records = records, company = company
        // Each position has its wake, which comes no sooner.
        var told = records.place, nextPosition = start
        let scope = records.scope
        func pass(_ message: FeedMessage) async throws {
            let start = ContinuousClock.now
            try await send(message)
            guard ContinuousClock.now - start > pace.patience else { return }
            let last = try await store.lastRecord(of: scope)
            if last > told { throw TooSlow(last: last) }
        }
        func sendPositionWhenDue() async throws {
            guard wording.isNumbered, ContinuousClock.now >= nextPosition else { return }
            while nextPosition <= .now { nextPosition += pace.positionInterval }
            told = records.place
            try await pass(message(["position": scope.cursor(at: told)], at: told))
        }
        var iterator = wakes.makeAsyncIterator()
        do {
            try await sendPositionWhenDue()
            while true {
                if let end = stopped.withLock({ $0 }) { return end }
                // First, so that what is read afterwards is all.
                let ending = try await company?.ending()
                var isAll = false
                while !isAll {
                    try Task.checkCancellation()
                    let portion = try await records.next()
                    if let expired = portion.expired, wording.isNumbered {
                        told = portion.end
                        try await pass(message(["expired": range(expired)], at: told))
                    }
                    for record in portion.records {
                        company?.note(record)
                        guard let text = wording.record(record) else { continue }
                        let before = told
                        told = record.place
                        try await pass(numbered(text, previous: before, sequence: told))
                    }
                    try await sendPositionWhenDue()
                    isAll = portion.isLast
                    if let end = stopped.withLock({ $0 }) { return end }
                }
                if let ending {
                    try await send(
                        FeedMessage(
                            text: ending.message.text, cursor: scope.cursorText(at: records.place), isLast: true))
                    return ending.end
                }
                for news in company?.news() ?? [] { try await pass(FeedMessage(text: news.text)) }
                guard await iterator.next() != nil else { throw CancellationError() }
                try await sendPositionWhenDue()
            }
        } catch let slow as TooSlow {
            if wording.isNumbered { try await send(message(["lagged": range(told + 1...slow.last)], at: told)) }
            return .lagged
        }
    }

    // MARK: Words

    private func message(_ members: [String: JSONValue], at place: Int64) -> FeedMessage {
        FeedMessage(
            text: JSONValue.object(wording.envelope.merging(members) { $1 }).text,
            cursor: records.scope.cursorText(at: place))
    }
    /// Both ends are numbers of records.
    private func range(_ range: ClosedRange<Int64>) -> JSONValue {
        ["from": records.scope.cursor(at: range.lowerBound), "to": records.scope.cursor(at: range.upperBound)]
    }
    private func numbered(_ object: String, previous: Int64, sequence: Int64) -> FeedMessage {
        let scope = records.scope
        guard wording.isNumbered else { return FeedMessage(text: object) }
        let numbers = #""previous":\#(scope.cursor(at: previous).text),"sequence":\#(scope.cursor(at: sequence).text)}"#
        return FeedMessage(text: "\(object.dropLast()),\(numbers)", cursor: scope.cursorText(at: sequence))
    }
}
