import Foundation
import Matching
import Records
import SQL

/// Somebody by his number, with his cosine.
struct JudgedSubject {
    let number: Int64
    let cosine: Double
    /// When he was made, in milliseconds; 0 where numbers say it, or nobody asks.
    let time: Int64

    fileprivate func goesBefore(_ other: JudgedSubject, _ order: MatchOrder) -> Bool {
        switch order {
        case .similarity: cosine != other.cosine ? cosine > other.cosine : number < other.number
        case .oldestFirst: (time, number) < (other.time, other.number)
        case .newestFirst: (time, number) > (other.time, other.number)
        }
    }
}

extension Connection {
    /// Of a short list those who belong there, in their order.
    func best<Subject: Matchable>(
        _ list: Shortlist, _ reference: Descriptor, _ wish: MatchWish, of type: Subject.Type
    ) throws -> [JudgedSubject] {
        let made = wish.order == .similarity ? [:] : try times(of: list.entries.map(\.subject), type)
        func moment(_ entry: Shortlist.Entry) -> (Int64, Int64) { (made[entry.subject] ?? 0, entry.subject) }
        let entries = list.entries.sorted { a, b in
            switch wish.order {
            case .similarity: a.upper > b.upper
            case .oldestFirst: moment(a) < moment(b)
            case .newestFirst: moment(a) > moment(b)
            }
        }
        var best: [JudgedSubject] = []
        for start in stride(from: 0, to: entries.count, by: portionSize) {
            let part = entries[start..<min(entries.count, start + portionSize)]
            // Who comes now comes behind all that are there.
            if best.count == wish.limit, let first = part.first {
                guard wish.order == .similarity, let last = best.last, Double(first.upper) >= last.cosine else { break }
            }
            for (number, descriptor) in try descriptors(of: part.map(\.subject), type) {
                let cosine = reference.cosine(to: descriptor)
                guard Similarity.of(cosine: cosine) >= wish.threshold else { continue }
                best.append(JudgedSubject(number: number, cosine: cosine, time: made[number] ?? 0))
            }
            best.sort { $0.goesBefore($1, wish.order) }
            best.removeLast(max(0, best.count - wish.limit))
        }
        return best
    }

    /// Those who are still there.
    /// - Parameter account: whose they must be: an event's number may be another's by now.
    func matches<Subject: Matchable>(
        _ judged: [JudgedSubject], account: UUID?, _ dialect: Dialect
    ) throws -> [Match<Subject>] {
        var found: [Int64: Subject] = [:]
        try inPortions(of: judged.map(\.number)) { marks, arguments in
            try forEachRow(
                """
                SELECT \(Subject.columns(dialect)), sequence AS number FROM \(Subject.table)
                WHERE sequence IN (\(marks))
                """, arguments
            ) { found[$0["number"]] = try Subject(row: $0) }
        }
        return judged.compactMap { judged in
            guard let subject = found[judged.number], account == nil || subject.accountID == account else { return nil }
            return Match(subject, cosine: judged.cosine)
        }
    }

    /// Of those that have one still.
    private func descriptors<Subject: Matchable>(
        of numbers: [Int64], _: Subject.Type
    ) throws -> [(Int64, Descriptor)] {
        let (table, subject) = Subject.descriptorTable
        var found: [(Int64, Descriptor)] = []
        try inPortions(of: numbers) { marks, arguments in
            found += try rows(
                """
                SELECT \(subject), bytes FROM \(table) JOIN descriptor ON descriptor.id = descriptor_id
                WHERE \(subject) IN (\(marks))
                """, arguments
            ) { ($0[0], try Descriptor(stored: $0[1])) }
        }
        return found
    }
    /// When each was made; empty where numbers say it.
    private func times<Subject: Matchable>(of numbers: [Int64], _: Subject.Type) throws -> [Int64: Int64] {
        guard let column = Subject.timeColumn else { return [:] }
        var times: [Int64: Int64] = [:]
        try inPortions(of: numbers) { marks, arguments in
            try forEachRow("SELECT sequence, \(column) FROM \(Subject.table) WHERE sequence IN (\(marks))", arguments) {
                times[$0[0]] = $0[1]
            }
        }
        return times
    }

    /// Numbers that one statement asks for.
    private var portionSize: Int { 64 }
    /// - Parameter body: is given as many marks and arguments each time, so that it is one statement.
    private func inPortions(
        of numbers: [Int64], _ body: (_ marks: String, _ arguments: [any Bindable]) throws -> Void
    ) throws {
        let marks = Array(repeating: "?", count: portionSize).joined(separator: ",")
        for start in stride(from: 0, to: numbers.count, by: portionSize) {
            let part = numbers[start..<min(numbers.count, start + portionSize)]
            try body(marks, Array(part) + Array(repeating: Int64(-1), count: portionSize - part.count))
        }
    }
}

extension Row {
    /// A column that holds one; `nil` where that is damaged.
    func quantisedDescriptor(_ column: Int) -> QuantisedDescriptor? {
        withBytes(column) { QuantisedDescriptor(bytes: $0) }
    }
}
