import Foundation
import Records
import Testing

struct RFC3339Tests {
    @Test(
        arguments: [
            (0.0, "1970-01-01T00:00:00.000Z"), (1_715_418_701.674, "2024-05-11T09:11:41.674Z"),
            (951_827_696.789, "2000-02-29T12:34:56.789Z"), (4_107_542_400, "2100-03-01T00:00:00.000Z"),
            (-0.001, "1969-12-31T23:59:59.999Z"), (1_735_689_599.9996, "2025-01-01T00:00:00.000Z"),
            (-62_135_596_800, "0001-01-01T00:00:00.000Z"), (253_402_300_799.999, "9999-12-31T23:59:59.999Z"),
            (1e18, "9999-12-31T23:59:59.999Z"), (-1e18, "0000-01-01T00:00:00.000Z"), (.nan, "1970-01-01T00:00:00.000Z"),
        ] as [(Double, String)])
    func anInstantIsWrittenInUTCToTheMillisecond(seconds: Double, text: String) {
        #expect(Date(timeIntervalSince1970: seconds).rfc3339 == text)
    }

    @Test(arguments: [
        "2024-05-11T09:11:41.674Z", "2024-05-11t09:11:41.674z", "2024-05-11 09:11:41.674Z",
        "2024-05-11T12:11:41.674+03:00",
        "2024-05-11T12:11:41.674 03:00", "2024-05-11T03:41:41.674-05:30", "2024-05-11T09:11:41.674000Z",
        "2024-05-11T09:11:41.67400000000000000000Z", "2024-05-12T00:11:41.674+15:00", "2024-05-11T09:11:41.674-00:00",
    ])
    func everyFormOfAnInstantIsRead(text: String) throws {
        let date = try #require(Date(rfc3339: text))
        #expect(abs(date.timeIntervalSince1970 - 1_715_418_701.674) < 1e-5)
        #expect(date.rfc3339 == "2024-05-11T09:11:41.674Z")
    }
    @Test func aFractionMayHaveAnyNumberOfDigits() {
        #expect(Date(rfc3339: "1970-01-01T00:00:01Z")?.timeIntervalSince1970 == 1)
        #expect(Date(rfc3339: "1970-01-01T00:00:01.5Z")?.timeIntervalSince1970 == 1.5)
        #expect(Date(rfc3339: "9999-12-31T23:59:59.999Z")?.rfc3339 == "9999-12-31T23:59:59.999Z")
        #expect(Date(rfc3339: "0000-01-01T00:01:00+00:01")?.rfc3339 == "0000-01-01T00:00:00.000Z")
        #expect(Date(rfc3339: "2016-12-31T23:59:60Z") == Date(rfc3339: "2017-01-01T00:00:00Z"))
    }

    @Test(arguments: [
        "", "2024", "2024-05-11", "2024-05-11T09:11:41", "2024-05-11T09:11Z", "2024-05-11T09:11:41.Z",
        "2024-05-11T09:11:41Z ",
        "2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z", "2023-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
        "2024-04-31T00:00:00Z",
        "2024-05-00T00:00:00Z", "2024-05-11T24:00:00Z", "2024-05-11T09:60:00Z", "2024-05-11T09:11:61Z",
        "2024-05-11T09:11:41+3:00", "2024-05-11T09:11:41+03", "2024-05-11T09:11:41+0300", "2024-05-11T09:11:41+24:00",
        "2024-05-11T09:11:41,5Z", "-024-05-11T09:11:41Z", "２０２４-05-11T09:11:41Z", "1715418701",
        "9999-12-31T23:59:59-23:59", "9999-12-31T23:59:60Z", "0000-01-01T00:00:00+00:01",
    ])
    func anythingElseIsNoInstant(text: String) { #expect(Date(rfc3339: text) == nil) }

    @Test func writingAgreesWithFoundationOverFourCenturies() {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        for step in 0..<400 {
            let date = Date(timeIntervalSince1970: -2_208_988_800 + Double(step) * 31_557_601.5)
            #expect(date.rfc3339 == formatter.string(from: date))
            #expect(Date(rfc3339: date.rfc3339) == date)
        }
    }
}
