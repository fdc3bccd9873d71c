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

    /// As an event names it.
    func name(of picture: Event.Picture) -> String {
        "\(picture.id.wire).\(picture.snapshot.mediaType == .jpeg ? "jpg" : "png")"
    }
    func write(_ pictures: [Event.Picture]) throws {
        for picture in pictures {
            let file = folder.appending(path: name(of: picture))
            do { try Data(picture.snapshot.bytes).write(to: file) } catch {
                throw FileError.cannotCreate(path: file.path)
            }
        }
    }
}
