import Synchronization

/// Counts who is inside something at once.
final class Tally: Sendable {
    private let count = Mutex((now: 0, most: 0))
    var now: Int { count.withLock { $0.now } }
    var most: Int { count.withLock { $0.most } }
    func enter() {
        count.withLock { count in
            count.now += 1
            count.most = max(count.most, count.now)
        }
    }
    func leave() { count.withLock { $0.now -= 1 } }
}

/// Remembers what came in which order.
final class Order<Element: Sendable>: Sendable {
    private let all = Mutex<[Element]>([])
    var elements: [Element] { all.withLock { $0 } }
    func append(_ element: Element) { all.withLock { $0.append(element) } }
}
