public import Foundation

extension UUID {
    /// A random id that begins as this one does: their files lie in one folder, whose names reach the disk together.
    public var beside: UUID {
        var id = UUID().uuid
        (id.0, id.1) = (uuid.0, uuid.1)
        return UUID(uuid: id)
    }
}
