/// Why nothing may, or can, be connected to a host. Carries no address, which may hold a password.
public enum AddressError: Error, Hashable, Sendable {
    /// The host's name has no address.
    case unknownHost
    /// The host has an address that the operator does not allow.
    case notAllowed(NetworkRange.Kind)
    /// None of the host's addresses took the connection, or the system gives no socket; `errno`.
    case cannotConnect(Int32)
}
