public import Addresses
public import Foundation
import Notifications
public import Records

/// Everything an operator may tune about what the API does.
public struct APISettings: Hashable, Sendable {
    /// Whether anybody may create an account, as the v6 API has it. Otherwise admins do, and types are what they said.
    public var isRegistrationOpen = false
    /// Analytics of one stream at most.
    public var analyticsLimit = 64
    /// Clients that watch streams live at once, all together.
    public var subscriberLimit = 1024
    /// Those of one stream.
    public var streamSubscriberLimit = 128
    /// How feeds that can be resumed are told.
    var feedPace = FollowedFeed.Pace()
    /// Bytes of an image that is to be stored.
    public var imageLimit = 32 << 20
    /// The same of a sample.
    public var sampleLimit = 32 << 20
    /// The same of any other object.
    public var objectLimit = 1 << 30
    /// Bytes of a request whose pictures are to be looked at.
    public var pictureLimit = 48 << 20
    /// Images with more pixels are refused.
    public var maximumPixels = 7680 * 4320
    /// Whether people may be known again.
    public var recognition = Recognition.on
    /// Whether `/metrics` is there.
    public var servesMetrics = true
    /// Where callbacks may lead. Of what is registered literal addresses are looked at; names are when they are called.
    public var callbackNetwork = CallbackConfiguration().network
    /// When the analytics were registered, as the catalogue shows it: this daemon knows them from its start.
    public var startTime = Date.now

    public init() {}

    public enum Recognition: String, Sendable, CaseIterable { case on, off }

    public static let settings: [Setting<APISettings>] = [
        Setting("open_registration", \.isRegistrationOpen),
        Setting("recognition", \.recognition),
        Setting("api.metrics", \.servesMetrics),
        Setting("api.image_limit", \.imageLimit, in: 1024...1 << 40),
        Setting("api.sample_limit", \.sampleLimit, in: 1024...1 << 40),
        Setting("api.picture_limit", \.pictureLimit, in: 1024...1 << 30),
        Setting("api.object_limit", \.objectLimit, in: 1024...1 << 40),
        Setting("api.subscriber_limit", \.subscriberLimit, in: 1...1_000_000),
        Setting("api.stream_subscriber_limit", \.streamSubscriberLimit, in: 1...1_000_000),
    ]
}
