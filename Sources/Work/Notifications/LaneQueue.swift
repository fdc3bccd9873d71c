import Foundation
import Records

/// Which of the lanes with something due is next: receivers in turn, each with a share of the places, so that those who hang hold
/// up nobody else. Knows neither clock nor database.
///
/// Lanes whose last try failed hold at most half of all places, and of those of their receiver, so that those that work find some
/// free. At a receiver one of them takes its turn with those that work, in the order in which they are due; further ones come
/// when none that works waits.
struct LaneQueue {
    /// Lanes of one receiver that wait, each kind in the order in which they are due.
    private struct Line {
        var working: [DueLane] = [], failing: [DueLane] = []
        var isEmpty: Bool { working.isEmpty && failing.isEmpty }
    }
    /// Places that are taken.
    private struct Held {
        var all = 0, failing = 0
        mutating func add(_ lane: DueLane, _ count: Int) {
            all += count
            if lane.hasFailed { failing += count }
        }
    }
    private let places, placesOfReceiver: Int
    private var waiting: [UUID: Line] = [:]
    /// Receivers with lanes that wait, the one whose turn is next first.
    private var turns: [UUID] = []
    private var running: Set<UUID> = []
    private var held = Held()
    private var heldOfReceiver: [UUID: Held] = [:]

    /// Lanes of one receiver and kind that are remembered while they wait; of more the database tells again.
    private static let memory = 256
    /// Whether lanes wait that are not remembered.
    private(set) var isCut = false

    init(places: Int, placesOfReceiver: Int) { (self.places, self.placesOfReceiver) = (places, placesOfReceiver) }

    /// Whether lanes wait for a place at their receivers.
    var isWaiting: Bool { !turns.isEmpty }
    var hasPlace: Bool { held.all < places }
    var runningCount: Int { held.all }

    /// Forgets which lanes wait, before `found` tells of all that do.
    mutating func clear() {
        waiting.removeAll()
        turns.removeAll()
        isCut = false
    }
    /// Takes lanes that are due, behind those that it knows; those that run are passed over.
    mutating func found(_ lanes: [DueLane]) {
        for lane in lanes where !running.contains(lane.id) {
            if waiting[lane.receiver] == nil { turns.append(lane.receiver) }
            let kind = lane.hasFailed ? \Line.failing : \Line.working
            if waiting[lane.receiver, default: Line()][keyPath: kind].count < Self.memory {
                waiting[lane.receiver, default: Line()][keyPath: kind].append(lane)
            } else {
                isCut = true
            }
        }
    }

    /// The lane that is begun now; `nil` when none may be.
    mutating func next() -> DueLane? {
        guard hasPlace else { return nil }
        for turn in turns.indices {
            let receiver = turns[turn]
            guard var line = waiting[receiver], let kind = choice(in: line, at: receiver) else { continue }
            let lane = line[keyPath: kind].removeFirst()
            turns.remove(at: turn)
            if !line.isEmpty { turns.append(receiver) }
            waiting[receiver] = line.isEmpty ? nil : line
            running.insert(lane.id)
            held.add(lane, 1)
            heldOfReceiver[receiver, default: Held()].add(lane, 1)
            return lane
        }
        return nil
    }
    /// From which end of a receiver's line the next one comes; `nil` when none may be begun.
    private func choice(in line: Line, at receiver: UUID) -> WritableKeyPath<Line, [DueLane]>? {
        let here = heldOfReceiver[receiver] ?? Held()
        guard here.all < placesOfReceiver else { return nil }
        let mayFail = here.failing < Self.half(of: placesOfReceiver) && held.failing < Self.half(of: places)
        let failing = mayFail ? line.failing.first : nil
        guard let working = line.working.first else { return failing == nil ? nil : \.failing }
        guard let failing, here.failing == 0, failing.time < working.time else { return \.working }
        return \.failing
    }
    private static func half(of places: Int) -> Int { max(places / 2, 1) }

    /// - Parameter lane: as `next` gave it.
    mutating func ended(_ lane: DueLane) {
        guard running.remove(lane.id) != nil else { return }
        held.add(lane, -1)
        heldOfReceiver[lane.receiver]?.add(lane, -1)
        if heldOfReceiver[lane.receiver]?.all == 0 { heldOfReceiver[lane.receiver] = nil }
    }
}
