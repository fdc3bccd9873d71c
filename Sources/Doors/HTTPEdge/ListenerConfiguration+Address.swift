import Foundation
public import Records

extension ListenerConfiguration {
    /// Finds out whether the address can be listened on, by taking it for a moment: before anything is made that a daemon leaves.
    /// - Parameter keys: of the settings that say it.
    /// - Throws: `SettingsError` of the setting that has to be another.
    public func checkAddress(
        keys: (host: String, port: String) = ("host", "port")
    ) throws(SettingsError) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &first) == 0, let address = first else {
            throw wrongHost(keys.host, because: "no such address is known")
        }
        defer { freeaddrinfo(first) }
        let descriptor = socket(
            address.pointee.ai_family, address.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw wrongHost(keys.host, because: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var reuse: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout.size(ofValue: reuse)))
        guard bind(descriptor, address.pointee.ai_addr, address.pointee.ai_addrlen) != 0 else { return }
        let reason = String(cString: strerror(errno))
        switch errno {
        case EADDRINUSE, EACCES:
            throw SettingsError(
                key: keys.port, found: "\(port)", wanted: "a port that can be taken on \(host) (\(reason))")
        default: throw wrongHost(keys.host, because: reason)
        }
    }
    private func wrongHost(_ key: String, because reason: String) -> SettingsError {
        SettingsError(key: key, found: host, wanted: "an address of this machine (\(reason))")
    }
}
