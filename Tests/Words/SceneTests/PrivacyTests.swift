import Scene
import Testing

struct PrivacyTests {
    @Test(arguments: [
        (Privacy(.faces), Privacy(.people), true),
        (Privacy(.people), Privacy(.faces), false),
        (Privacy(.people, by: .mask), Privacy(.people), true),
        (Privacy(.people, by: .mask), Privacy(.people, by: .blur), false),
        (Privacy(.faces, by: .mosaic), Privacy(.faces, by: .blur), true),
        (Privacy(.faces, by: .mask), Privacy(.countsOnly), true),
        (Privacy(.countsOnly), Privacy(.people, by: .mask), false),
    ])
    func anAnalyticMayOnlyBeStricter(stream: Privacy, analytic: Privacy, isPermitted: Bool) {
        #expect(stream.permits(analytic) == isPermitted)
    }

    @Test func anAnalyticThatSaysNothingOfHowTakesItsStreams() {
        let stream = Privacy(.faces, by: .mask)
        #expect(stream.tightened(by: nil) == stream)
        #expect(stream.tightened(by: Privacy(.people)) == Privacy(.people, by: .mask))
        #expect(Privacy(.faces).methodInForce == .blur)
    }
}
