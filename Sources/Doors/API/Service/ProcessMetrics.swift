public import HTTPEdge

/// What the process uses.
public struct ProcessMetrics: MetricsSource {
    private let residentBytes: @Sendable () -> Int?

    /// - Parameter residentBytes: memory that the process holds; `nil` where the system does not say.
    public init(residentBytes: @escaping @Sendable () -> Int?) { self.residentBytes = residentBytes }

    public func write(to page: inout MetricsPage) {
        guard let bytes = residentBytes() else { return }
        page.add("process_resident_memory_bytes", .gauge, "Memory that the process holds", bytes)
    }
}
