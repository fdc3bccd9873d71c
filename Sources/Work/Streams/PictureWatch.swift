import Foundation
import Frames

/// Judges by a few samples of each picture whether a live camera shows anything.
///
/// - Frozen: for a minute no sample has differed by more than one step. A camera's noise, and the coding of it, move some sample
///   within two seconds, also at night and in an empty room; a still that is sent or encoded over and over moves none.
/// - Black: no sample is brighter than what a lens cap and its noise give.
/// - Covered: the samples hardly differ from each other. Of the evenest scenes at hand, car parks from above, one has a standard
///   deviation of 6 and the other a range of 41; blurred and dimmed ones come to 4 and 15.
struct PictureWatch {
    /// How long each must have been so.
    private static let timeToFreeze = 60.0, timeToCover = 10.0
    private static let stillness: UInt8 = 1
    private static let darkness: UInt8 = 32
    private static let evenness = 5.0, evenRange = 30

    private var reference: LumaGrid?
    private var sameSince = Date.distantFuture
    private var blackSince, coveredSince: Date?
    private var latest = Date.distantPast

    mutating func see(_ picture: LumaGrid, at now: Date) {
        latest = now
        if reference.map({ !picture.resembles($0, within: Self.stillness) }) ?? true {
            (reference, sameSince) = (picture, now)
        }
        let (darkest, brightest) = (picture.darkest, picture.brightest)
        let isBlack = brightest <= Self.darkness
        let isEven = Int(brightest) - Int(darkest) < Self.evenRange && picture.contrast < Self.evenness
        blackSince = isBlack ? blackSince ?? now : nil
        coveredSince = isEven && !isBlack ? coveredSince ?? now : nil
    }

    /// The worst that is wrong with the picture, if anything.
    var trouble: StreamHealth.Trouble? {
        if let blackSince, lasts(blackSince, Self.timeToCover) { return .init(.pictureBlack, since: blackSince) }
        if let coveredSince, lasts(coveredSince, Self.timeToCover) {
            return .init(.pictureCovered, since: coveredSince)
        }
        return lasts(sameSince, Self.timeToFreeze) ? .init(.pictureFrozen, since: sameSince) : nil
    }
    private func lasts(_ since: Date, _ seconds: Double) -> Bool { latest.timeIntervalSince(since) >= seconds }
}
