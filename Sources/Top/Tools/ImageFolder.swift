import Foundation
import Records
import Scene
import Setup

/// Where `analyze --images` puts the pictures of events: one file each.
struct ImageFolder {
    private let folder: URL

    /// - Parameter path: made when it is absent.
    init(path: String) throws {
        folder = URL(fileURLWithPath: path)
        do { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) } catch {
            throw FileError.cannotCreate(path: path)
        }
    }

    /// As an event names it; `nil` for one that cannot be encoded.
    func name(of picture: Event.Picture) -> String? {
        guard (try? picture.snapshot.bytes) != nil else { return nil }
        return "\(picture.id.wire).\(picture.snapshot.mediaType == .jpeg ? "jpg" : "png")"
    }
    func write(_ pictures: [Event.Picture]) throws {
        for picture in pictures {
            if let name = name(of: picture) { try write(try picture.snapshot.bytes, as: name) }
        }
    }
    func write(_ bytes: [UInt8], as name: String) throws {
        let file = folder.appending(path: name)
        do { try Data(bytes).write(to: file) } catch { throw FileError.cannotCreate(path: file.path) }
    }
}
