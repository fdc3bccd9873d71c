import Records
import SQL

extension Connection {
    /// Keeps a descriptor for a row that is about to refer to it, and with which it goes (`Schema.descriptorGoes`).
    /// - Returns: its `id`.
    func keep(_ descriptor: Descriptor) throws -> Int64 {
        let bytes = descriptor.bytes
        if let free = try freeDescriptor(of: bytes.count) {
            try overwrite(free, with: descriptor)
            return free
        }
        let kept: Int64? = try value(
            "INSERT INTO descriptor (is_free, version, bytes) VALUES (0, ?, ?) RETURNING id",
            [Descriptor.version, bytes])
        guard let kept else { throw StoreError.failed(reason: "a new descriptor has no number") }
        return kept
    }
    /// Puts one in the place of another.
    func overwrite(_ id: Int64, with descriptor: Descriptor) throws {
        try execute(
            "UPDATE descriptor SET is_free = 0, version = ?, bytes = ? WHERE id = ?",
            [Descriptor.version, descriptor.bytes, id])
    }
    /// One that can be used again without a change of its size.
    private func freeDescriptor(of size: Int) throws -> Int64? {
        try value("SELECT id FROM descriptor WHERE is_free = 1 AND length(bytes) = ? ORDER BY id LIMIT 1", [size])
    }
}

extension Descriptor {
    init(stored bytes: [UInt8]) throws {
        do { try self.init(bytes: bytes) } catch {
            throw StoreError.failed(reason: "what is stored as a descriptor is none (\(error))")
        }
    }
}
