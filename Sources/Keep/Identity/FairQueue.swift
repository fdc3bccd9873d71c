/// Work that waits, in turns: addresses take turns, and the logins of an address take turns within its own.
///
/// So a flood from one address, or against one login, makes others wait for one piece of it and not for all. Bounded per
/// login, per address and in all; work of acquainted origins comes first and is bounded by their number.
struct FairQueue<Work> {
    static var loginLimit: Int { 8 }
    static var addressLimit: Int { 256 }
    static var limit: Int { 1024 }

    private struct Lane {
        var turns: [String] = []
        var work: [String: [Work]] = [:]
        var count = 0
    }
    private var preferred: [Work] = []
    private var turns: [String] = []
    private var lanes: [String: Lane] = [:]
    private(set) var count = 0

    /// False when too much is waiting already.
    mutating func push(_ work: Work, from origin: LoginOrigin, isPreferred: Bool) -> Bool {
        if isPreferred {
            guard preferred.count < Self.limit else { return false }
            preferred.append(work)
        } else {
            var lane = lanes[origin.address] ?? Lane()
            let waiting = lane.work[origin.login]?.count ?? 0
            guard waiting < Self.loginLimit, lane.count < Self.addressLimit, count - preferred.count < Self.limit else {
                return false
            }
            if lane.count == 0 { turns.append(origin.address) }
            if waiting == 0 { lane.turns.append(origin.login) }
            lane.work[origin.login, default: []].append(work)
            lane.count += 1
            lanes[origin.address] = lane
        }
        count += 1
        return true
    }

    mutating func pop() -> Work? {
        guard count > 0 else { return nil }
        count -= 1
        if !preferred.isEmpty { return preferred.removeFirst() }
        let address = turns.removeFirst()
        guard var lane = lanes.removeValue(forKey: address) else { preconditionFailure("a turn without work") }
        let login = lane.turns.removeFirst()
        guard var waiting = lane.work.removeValue(forKey: login) else { preconditionFailure("a turn without work") }
        let work = waiting.removeFirst()
        lane.count -= 1
        if !waiting.isEmpty {
            lane.work[login] = waiting
            lane.turns.append(login)
        }
        if lane.count > 0 {
            lanes[address] = lane
            turns.append(address)
        }
        return work
    }
}
