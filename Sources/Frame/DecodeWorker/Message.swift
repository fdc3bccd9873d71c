import Foundation
import Frames
import Media
import Records
import Scene

/// The first message to a worker. Its descriptors come with it.
enum Work: Codable {
    case source(Order), still(StillOrder), archive(ArchiveOrder), sound(SoundOrder)
    var gifts: [Order.Gift] {
        switch self {
        case .source(let order): order.gifts
        case .still(let order): order.gifts
        case .archive: ArchiveOrder.gifts
        case .sound: SoundOrder.gifts
        }
    }
}

/// Everything that a worker needs to know of a source.
struct Order: Codable {
    /// What a descriptor is, in the order in which they come.
    enum Gift: String, Codable { case board, pictures, file, connection, broker, certificates }

    var request: SourceSpecification
    var rates: [Rate]
    var configuration: MediaConfiguration
    var entrance: Entrance
    var skipped: Int
    var lane: Int
    /// Bytes of the memory for pictures.
    var pictureBytes: Int
    var gifts: [Gift]
    var trap: WorkerTrap?
}

/// What a worker says. A message begins with its kind.
enum Word: UInt8 {
    /// A `PictureNote` follows.
    case picture = 1
    /// JSON follows: `SourceProperties`; `Ending`; a line of FFmpeg's log as text.
    case opened, ended, line
    /// Of an archive: JSON of an `ArchivedFile`; bytes; text.
    case file, bytes, damage
    /// Of a sound: a `SoundPacketHead` and bytes; then more bytes.
    case packet
    /// Of coded video that is passed on: a `VideoHead`; a fragment, of which more bytes may follow. `VideoWords.swift` has their form.
    case videoHead, fragment
}

/// How a worker's work ended.
struct Ending: Codable {
    var error: MediaError?
    var whileOpening: Bool
}

/// What a worker does wrong on purpose, so that tests see what becomes of it.
package struct WorkerTrap: Codable, Hashable, Sendable {
    package enum Deed: String, Codable, Sendable, CaseIterable {
        /// Reads where nothing is; breaks a promise of ours; takes memory without end; takes some that no limit counts; never goes on;
        /// starts a program; opens a file; makes a connection; has the daemon sent a signal; tells of an age without video;
        /// never stops talking; hands over video that nobody asked for, and then some that cannot be.
        case crash, breakPromise, takeMemory, shareMemory, hang, execute, openFile, connect, signal, exaggerate, chatter
        case passUnasked, passTooMuch
    }
    package var deed: Deed
    /// The index of the frame before which it does so; -1: before anything is read.
    package var frame: Int
    /// Runs of one source's worker that do so, from the first.
    package var times: Int
    package init(_ deed: Deed, at frame: Int, times: Int = .max) {
        (self.deed, self.frame, self.times) = (deed, frame, times)
    }
}

enum MessageLimit {
    /// Bytes of an order, and of what a worker says.
    static let order = 128 << 10, word = 64 << 10
    static let line = 1024
}
