public import JSON
import Pipeline
import Records
import Store
public import Tracking

extension Settings {
    /// Every setting in force, as `/6/config` shows it: section, key, value. Keys without a section of their own are under
    /// `SIGHTLINE`; times are in seconds.
    /// - Parameter tracking: with what the model's card says of it.
    public func shown(tracking: TrackerConfiguration) -> [String: [String: JSONValue]] {
        var inForce = self
        inForce.tracker.configuration = tracking
        inForce.diskReserve = diskReserve.inForce(on: daemon.dataFolder)
        var sections: [String: [String: JSONValue]] = [:]
        for setting in Self.all {
            let parts = setting.key.uppercased().split(separator: ".", maxSplits: 1)
            let section = parts.count == 2 ? String(parts[0]) : "SIGHTLINE"
            sections[section, default: [:]][String(parts[parts.count - 1])] = setting.shown(in: inForce)
        }
        return sections
    }
}
