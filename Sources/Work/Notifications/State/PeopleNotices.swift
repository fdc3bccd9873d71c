import Foundation
import JSON
import Records

/// What is to be said of the number of people, where, and what of it was said already. Knows neither clock nor broker.
struct PeopleNotices {
    /// One callback of one analytic of one stream.
    struct Place: Hashable, Sendable {
        let broker: Callback.Broker
        let topics: StateTopics
        /// As the stream is called.
        let name: String
        var key: MQTTPostman.Key { MQTTPostman.Key(broker.place) }
    }
    enum Reading: Hashable, Sendable {
        case count(Int)
        /// Nobody counts.
        case nothing
        /// Stream or callback is gone, and what the broker keeps of it goes.
        case gone
    }
    struct Notice: Sendable {
        let place: Place
        var reading = Reading.nothing
        /// What the broker keeps; `nil`: nobody knows.
        var told: Reading?
        /// Topics that others use, and that do not go with it.
        var spared: Set<String> = []
    }
    private struct Known {
        let version: Int
        let places: Set<Place>
    }
    private var known: [UUID: Known] = [:]
    private var notices: [Place: Notice] = [:]
    /// Those with something to say.
    private var news: [MQTTPostman.Key: Set<Place>] = [:]
    private var freshKeys: Set<MQTTPostman.Key> = []

    /// Streams that want state.
    var streams: [UUID] { Array(known.keys) }
    func knows(_ stream: UUID) -> Bool { known[stream] != nil }

    // MARK: What there is

    /// What an older version wanted does not count.
    mutating func learn(_ stream: StreamDefinition) {
        let places = Self.places(of: stream)
        let old = known[stream.id]
        guard old?.version ?? 0 < stream.version else { return }
        for place in (old?.places ?? []).subtracting(places) { set(.gone, at: place) }
        for place in places {
            // What the older version counted is not the newer's.
            if notices[place] != nil, notices[place]?.reading != .gone {
                set(.nothing, at: place)
            } else {
                notices[place] = Notice(place: place)
                note(place)
            }
        }
        known[stream.id] = places.isEmpty ? nil : Known(version: stream.version, places: places)
    }
    mutating func forget(_ stream: UUID) {
        for place in known.removeValue(forKey: stream)?.places ?? [] { set(.gone, at: place) }
    }
    /// - Parameter analytic: `nil`: all of the stream's.
    mutating func set(_ reading: Reading, _ analytic: Int?, of stream: StreamDefinition) {
        guard let known = known[stream.id], known.version == stream.version else { return }
        for place in known.places where analytic == nil || place.topics.analytic == analytic { set(reading, at: place) }
    }
    mutating func setAll(_ reading: Reading) {
        for stream in known.values { for place in stream.places { set(reading, at: place) } }
    }
    /// Says all again.
    mutating func repeatAll() {
        for place in notices.keys {
            notices[place]?.told = nil
            note(place)
        }
    }
    private mutating func set(_ reading: Reading, at place: Place) {
        guard notices[place] != nil, notices[place]?.reading != reading else { return }
        notices[place]?.reading = reading
        note(place)
    }
    private mutating func note(_ place: Place) {
        news[place.key, default: []].insert(place)
        freshKeys.insert(place.key)
    }

    private static func places(of stream: StreamDefinition) -> Set<Place> {
        var places: Set<Place> = []
        for (index, analytic) in stream.analytics.enumerated() {
            let text = analytic.parametersText.text
            guard text.contains("state_topic") || text.contains("home_assistant") else { continue }
            for value in analytic.parameters["callbacks"]?.array ?? [] {
                guard let callback = try? Callback(JSONReader(value)), callback.isEnabled,
                    let broker = callback.broker, let state = broker.state
                else { continue }
                let topics = StateTopics(state, stream: stream.id, account: stream.accountID, analytic: index)
                places.insert(
                    Place(broker: broker, topics: topics, name: Redaction.redacted(stream.name, as: .prose)))
            }
        }
        return places
    }

    // MARK: What was said

    /// Brokers about which something has changed since this was asked.
    mutating func takeNews() -> Set<MQTTPostman.Key> {
        defer { freshKeys = [] }
        return freshKeys
    }
    /// What a broker is to be told now.
    mutating func news(for key: MQTTPostman.Key) -> [Notice] {
        let told = (news.removeValue(forKey: key) ?? []).compactMap { notices[$0] }
        guard told.contains(where: { $0.reading == .gone }) else { return told }
        // A callback that was replaced may leave its topics to the new one.
        let used = notices.values.filter { $0.reading != .gone && $0.place.key == key }.flatMap(\.place.topics.all)
        return told.map { notice in
            var notice = notice
            if notice.reading == .gone { notice.spared = Set(used) }
            return notice
        }
    }
    mutating func told(_ notice: Notice) {
        let place = notice.place
        if notice.reading == .gone, notices[place]?.reading == .gone { return notices[place] = nil }
        notices[place]?.told = notice.reading
    }
    /// Of what a round was to tell, this was not taken: it is news again, and so is what came behind it.
    mutating func failed(_ notice: Notice) {
        for (place, other) in notices where place.key == notice.place.key && other.told != other.reading {
            news[place.key, default: []].insert(place)
        }
        notices[notice.place]?.told = nil
        news[notice.place.key, default: []].insert(notice.place)
    }
}

extension PeopleNotices.Notice {
    /// In the order in which they go out: whoever is told that somebody counts finds the number of now.
    func messages(patience: Int) -> [MQTTPostman.Message] {
        func message(_ topic: String, _ text: String) -> MQTTPostman.Message {
            MQTTPostman.Message(topic: topic, payload: Array(text.utf8), isRetained: true)
        }
        let topics = place.topics
        var messages: [MQTTPostman.Message] = []
        if let discovery = topics.discovery, told == nil || reading == .gone {
            let text = reading == .gone ? "" : topics.discovered(name: place.name, patience: patience).text
            messages.append(message(discovery, text))
        }
        switch reading {
        case .count(let count):
            messages.append(message(topics.count, "\(count)"))
            if case .count? = told { break }
            messages.append(message(topics.availability, "online"))
        case .nothing: messages.append(message(topics.availability, "offline"))
        case .gone: messages += [message(topics.availability, ""), message(topics.count, "")]
        }
        return messages.filter { !spared.contains($0.topic) }
    }
}
