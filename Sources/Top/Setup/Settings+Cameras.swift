public import Discovery
import Media

extension Settings {
    /// What looks for cameras; `nil` while that is off. Devices are asked under the rules for sources.
    public var cameraFinder: CameraFinder? {
        guard discovery.isEnabled else { return nil }
        return CameraFinder(
            network: media.network, networksKey: "media.allowed_networks",
            verifiesCertificates: media.verifiesCertificates)
    }
}
