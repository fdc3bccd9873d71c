import Foundation
import Records

/// Which of the lanes with something due is next: receivers in turn, each with a share of the places, so that those who hang hold
/// up nobody else. Knows neither clock nor database.
struct LaneQueue {
    private let places, placesOfReceiver: Int
    /// By receiver, in the order in which they are due.
    private var waiting: [UUID: [DueLane]] = [:]
    /// Receivers with lanes that wait, the one whose turn is next first.
    private var turns: [UUID] = []
    private var running: Set<UUID> = []
    private var runningOfReceiver: [UUID: Int] = [:]

    /// Lanes of one receiver that are remembered while they wait; of more the database tells again.
    private static let memory = 256
    /// Whether lanes wait that are not remembered.
    private(set) var isCut = false

    init(places: Int, placesOfReceiver: Int) { (self.places, self.placesOfReceiver) = (places, placesOfReceiver) }

    /// Whether lanes wait for a place at their receivers.
    var isWaiting: Bool { !turns.isEmpty }
    var hasPlace: Bool { running.count < places }
    var runningCount: Int { running.count }

    /// Forgets which lanes wait, before `found` tells of all that do.
    mutating func clear() {
        waiting.removeAll()
        turns.removeAll()
        isCut = false
    }
    /// Takes lanes that are due, behind those that it knows; those that run are passed over.
    mutating func found(_ lanes: [DueLane]) {
        for lane in lanes where !running.contains(lane.id) {
            if waiting[lane.receiver, default: []].isEmpty { turns.append(lane.receiver) }
            if waiting[lane.receiver, default: []].count < Self.memory {
                waiting[lane.receiver, default: []].append(lane)
            } else {
                isCut = true
            }
        }
    }

    /// The lane that is begun now; `nil` when none may be.
    mutating func next() -> DueLane? {
        guard hasPlace,
            let turn = turns.firstIndex(where: { runningOfReceiver[$0, default: 0] < placesOfReceiver })
        else { return nil }
        let receiver = turns.remove(at: turn)
        guard var lanes = waiting.removeValue(forKey: receiver) else { return nil }
        let lane = lanes.removeFirst()
        if !lanes.isEmpty {
            waiting[receiver] = lanes
            turns.append(receiver)
        }
        running.insert(lane.id)
        runningOfReceiver[receiver, default: 0] += 1
        return lane
    }
    mutating func ended(_ lane: DueLane) {
        running.remove(lane.id)
        let left = runningOfReceiver[lane.receiver, default: 1] - 1
        runningOfReceiver[lane.receiver] = left > 0 ? left : nil
    }
}
