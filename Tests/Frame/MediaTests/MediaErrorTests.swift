import Foundation
import Testing

@testable import Media

/// Failures that another process tells of, which may say anything.
struct MediaErrorTests {
    private static let age = Duration(secondsComponent: .max, attosecondsComponent: 0)

    /// - Parameter high: the upper half of the attoseconds; the second comes to 10¹⁴ s.
    @Test(arguments: ["stalled", "openTimedOut"], [Int64.max, 5_421_010_862_427, .min])
    func noDeadlineIsLongerThanADay(kind: String, high: Int64) throws {
        let said = #"{"\#(kind)":{"after":[\#(high),0]}}"#
        let error = try JSONDecoder().decode(MediaError.self, from: Data(said.utf8)).believable
        #expect("\(error)".contains(high < 0 ? " 0 s" : " 86400 s"), "\(error)")
    }

    @Test func whatIsBelievableStaysAsItIs() {
        for error in [MediaError.stalled(after: .seconds(2.5)), .openTimedOut(after: .seconds(86_400)), .damaged] {
            #expect(error.believable == error)
        }
    }

    @Test func whatCannotBeCountedIsToldAsTheLongest() {
        #expect("\(MediaError.stalled(after: Self.age))".contains(" 1000000000000 s"))
        let interrupt = Interrupt()
        interrupt.arm(Self.age)
        interrupt.limit(to: Self.age)
        #expect(interrupt.time == .longestCounted && !interrupt.isOverdue)
    }
}
