public import Discovery

/// Found cameras as lines for people: a row for each camera, and below it one for each profile.
public func cameraTable(_ found: FoundCameras) -> [String] {
    guard !found.cameras.isEmpty else { return ["No camera answered."] }
    var rows = [["ADDRESS", "NAME", "HARDWARE", "ACCESS", "PROBLEM"]]
    for camera in found.cameras {
        rows.append([
            camera.address, camera.name ?? "-", camera.hardware ?? "-", camera.access?.phrase ?? "-",
            camera.problem ?? "",
        ])
    }
    let lines = columns(rows)
    var told = [lines[0]]
    for (camera, line) in zip(found.cameras, lines.dropFirst()) {
        told.append(line)
        for line in columns(camera.profiles.map(\.cells)) { told.append("  " + line) }
        let snapshots = camera.profiles.compactMap(\.snapshot)
        if let first = snapshots.first { told.append("  snapshot  \(first)") }
    }
    if !found.isComplete { told.append("More answered than are told here: ask them by --address.") }
    return told
}

private func columns(_ rows: [[String]]) -> [String] {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
        let line = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        return String(line.reversed().drop { $0 == " " }.reversed())
    }
}

extension FoundCamera.Access {
    fileprivate var phrase: String {
        switch self {
        case .open: "open"
        case .wanted: "wants credentials"
        case .refused: "credentials refused"
        case .accepted: "credentials accepted"
        }
    }
}
extension FoundCamera.Profile {
    fileprivate var cells: [String] {
        let size = width.flatMap { width in height.map { "\(width)x\($0)" } }
        let rate = frameRate.map { $0 == $0.rounded() ? "\(Int($0)) fps" : "\($0) fps" }
        return [name ?? token.filter { !$0.isWhitespace }, codec ?? "-", size ?? "-", rate ?? "-", stream ?? "-"]
    }
}
