public import Foundation
import Matching
import SQL

// How long lists keep faces.
extension Store {
    /// Takes faces off the lists that have kept them as long as they do. A face that is on no list afterwards is removed, with all that is
    /// known of its looks.
    /// - Returns: how many faces were taken off a list.
    @discardableResult
    public func releaseFaces(at now: Date = .now) async throws -> Int {
        let lists: [(sequence: Int64, days: Int)] = try await read {
            try $0.rows("SELECT sequence, face_days FROM face_list WHERE face_days IS NOT NULL", []) { ($0[0], $0[1]) }
        }
        var count = 0, removed = 0
        for list in lists {
            let bound = Milliseconds.floor(now.addingTimeInterval(-86_400 * Double(list.days)))
            while true {
                let portion = try await write { [descriptors] in
                    try $0.releaseFaces(
                        of: list.sequence, attachedBy: bound, at: Milliseconds.nearest(now), descriptors)
                }
                count += portion.released
                removed += portion.removed
                if portion.released < Self.faceDeletionLimit { break }
            }
        }
        if removed > 0 { await erase() }
        return count
    }
}

extension Connection {
    fileprivate func releaseFaces(
        of list: Int64, attachedBy bound: Int64, at time: Int64, _ index: DescriptorIndex
    ) throws -> (released: Int, removed: Int) {
        let faces: [Int64] = try rows(
            """
            SELECT face_sequence FROM face_list_member WHERE list_sequence = ? AND attach_time <= ?
            ORDER BY attach_time LIMIT ?
            """, [list, bound, Store.faceDeletionLimit]
        ) { $0[0] }
        guard !faces.isEmpty else { return (0, 0) }
        var removed = 0
        for face in faces {
            _ = try detach(face: face, from: list)
            let other: Int64? = try value(
                "SELECT list_sequence FROM face_list_member WHERE face_sequence = ? LIMIT 1", [face])
            guard other == nil else { continue }
            try deleteFace(face, at: time, index)
            removed += 1
        }
        try touch(list: list, at: time)
        return (faces.count, removed)
    }
}
