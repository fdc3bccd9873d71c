import Discovery
import Synchronization

/// Looks for cameras when that is on, for one caller at a time: a network is not asked over and over.
final class CameraDesk: Sendable {
    private let finder: CameraFinder?
    private let isBusy = Atomic(false)
    init(_ finder: CameraFinder?) { self.finder = finder }

    /// - Throws: `APIError`, `CameraSearchError`, `CancellationError`.
    func find(_ search: CameraSearch) async throws -> FoundCameras {
        guard let finder else { throw APIError.discoveryDisabled }
        guard !isBusy.exchange(true, ordering: .acquiring) else {
            throw APIError.overloaded("Cameras are being looked for already", retryAfter: .seconds(5))
        }
        defer { isBusy.store(false, ordering: .releasing) }
        return try await finder.find(search)
    }
}

extension APIError {
    fileprivate static let discoveryDisabled = forbidden(12049, DiscoveryConfiguration.refusal)
}
