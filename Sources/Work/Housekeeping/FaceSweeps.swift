import Foundation
public import Records
public import Store

/// How long it is remembered who was told what faces look like.
public struct BiometricLogConfiguration: Hashable, Sendable {
    /// 0: for ever.
    public var days = 365
    public init() {}

    public static let settings: [Setting<BiometricLogConfiguration>] = [
        Setting("faces.log_days", \.days, in: 0...36_500)
    ]
}

extension Sweep {
    /// Removes temporary attributes that have expired.
    public static func attributes(of store: Store) -> Sweep {
        Sweep(name: "temporary attributes", interval: .seconds(10)) { try await store.deleteExpiredAttributes(at: $0) }
    }
    /// Takes faces off lists that keep them for so many days only.
    public static func listedFaces(of store: Store) -> Sweep {
        Sweep(name: "faces on lists", interval: .seconds(600)) { try await store.releaseFaces(at: $0) }
    }
    /// Sees to it that what was removed of faces is in no log of the database, where that could not be done at once.
    public static func erasures(of store: Store) -> Sweep {
        Sweep(name: "removed features", interval: .seconds(30)) { _ in try await store.eraseWhatIsLeft() }
    }
    /// `nil` where all of it is kept.
    public static func biometricLog(of store: Store, _ configuration: BiometricLogConfiguration) -> Sweep? {
        guard configuration.days > 0 else { return nil }
        return Sweep(name: "lines of the biometric log", interval: .seconds(3600)) { now in
            try await store.deleteBiometricLog(before: now.addingTimeInterval(-86_400 * Double(configuration.days)))
        }
    }
}
