import HummingbirdCore

/// Leaves connections in the system's queue while as many are open as there is room for, the refused ones included. With
/// `Admission` that lasts for a moment only.
struct AcceptLimit: AvailableConnectionsDelegate {
    private let limit: Int
    private var count = 0
    init(_ limit: Int) { self.limit = limit }

    mutating func connectionOpened() { count += 1 }
    mutating func connectionClosed() { count -= 1 }
    func isAcceptingNewConnections() -> Bool { count < limit }
}
