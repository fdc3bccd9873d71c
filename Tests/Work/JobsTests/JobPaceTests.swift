import Records
import Testing

@testable import Jobs

struct JobPaceTests {
    @Test func theRateIsThatOfTheLastHalfMinute() {
        var pace = JobPace()
        let start = ContinuousClock.now
        #expect(pace.rate == nil)
        for second in 0...60 {
            // Ten a second at first, two of late.
            pace.add(Double(second <= 20 ? second * 10 : 200 + (second - 20) * 2), at: start + .seconds(second))
        }
        #expect(pace.rate == 2)
    }
    @Test func theTimeLeftFollowsFromTheRate() {
        let progress = JobProgress(tally: JobTally(items: 3, done: 1, weight: 300, weightDone: 100), rate: 50)
        #expect(progress.secondsLeft == 4)
        #expect(JobProgress(tally: progress.tally).secondsLeft == nil)
    }
    @Test func percentStaysWithinWhatRuns() {
        var tally = JobTally(items: 2, weight: 1000)
        #expect(tally.percent(.queued) == 0 && tally.percent(.running) == 1)
        tally.weightDone = 1000
        #expect(tally.percent(.running) == 99 && tally.percent(.done) == 100)
    }
}
