import JSON
import Testing

/// A stream's `analytics[].parameters` and what becomes of it.
struct ParametersCase: CustomTestStringConvertible, Sendable {
    var analytic: String
    var text: String
    /// `nil`: accepted.
    var violation: JSONViolation?
    /// Whether the JSON Schema accepts it; differs from the parser only where a schema cannot say what the parser checks.
    var isValidBySchema: Bool
    var testDescription: String { "\(analytic) \(text.prefix(120))" }

    static func good(_ analytic: String, _ text: String) -> Self {
        Self(analytic: analytic, text: text, violation: nil, isValidBySchema: true)
    }
    static func bad(
        _ analytic: String, _ text: String, _ path: String, _ message: String, lack: String? = nil,
        isValidBySchema: Bool = false
    ) -> Self {
        Self(
            analytic: analytic, text: text, violation: JSONViolation(path: path, message: message, lack: lack),
            isValidBySchema: isValidBySchema)
    }

    static func parameters(_ text: String) -> String { #"{"parameters": {\#(text)}}"# }
    static func area(_ points: String) -> String {
        #""droi": {"mode": "percent", "form": "common", "area": \#(points)}"#
    }
    static let triangle = #"[[{"x": 0, "y": 0}, {"x": 99.5, "y": 0}, {"x": 0, "y": 100}]]"#
    static let http = #""type": "http", "url": "http://127.0.0.1:8080/cb""#

    /// What must be said for a model of people to be chosen.
    private static func bodies(_ name: String) -> String {
        name == "human_tracking" ? #""tracking": {"detector_type": "body"}, "# : ""
    }

    /// What every analytic takes and refuses.
    static func shared(_ name: String) -> [Self] {
        let inner = "parameters", roi = "parameters.roi"
        return [
            good(name, "{}"),
            good(name, #"{"targets": [], "callbacks": [], "parameters": {}}"#),
            good(name, parameters(#""roi": null"#)),
            good(name, parameters(#""roi": {"mode": "abs", "x": 0, "y": 0, "width": 65536, "height": 1}"#)),
            good(name, parameters(#""roi": {"mode": "percent", "x": 33.3, "y": 0, "width": 66.7, "height": 100}"#)),
            good(name, parameters(#""rate": {"unit": "frame", "period": 1}"#)),
            good(name, parameters(#""rate": {"unit": "frame", "period": 25.0}"#)),
            good(name, parameters(#""rate": {"unit": "second", "period": 0}"#)),
            good(name, parameters(#""rate": {"unit": "second", "period": 0.25}"#)),
            good(name, parameters(#""probe_count": 0"#)),
            good(name, parameters(#""image_retain_policy": {"mimetype": "PNG", "quality": 0.5, "max_size": 0}"#)),
            good(name, parameters(#""image_retain_policy": {"ttl": 30}"#)),
            good(name, parameters(#""image_retain_policy": {"ttl": -1}"#)),
            good(name, parameters(#""image_retain_policy": {"ttl": null}"#)),
            good(name, parameters(#""confidence": null"#)), good(name, parameters(#""confidence": 0"#)),
            good(name, parameters(#""confidence": 1"#)), good(name, parameters(#""confidence": 0.25"#)),
            bad(
                name, parameters(#""confidence": 1.01"#), "\(inner).confidence",
                "Input should be less than or equal to 1"),
            bad(
                name, parameters(#""confidence": -0.01"#), "\(inner).confidence",
                "Input should be greater than or equal to 0"),
            bad(name, parameters(#""confidence": "0.3""#), "\(inner).confidence", "Input should be a valid number"),
            good(name, parameters(#""privacy": null"#)), good(name, parameters(#""privacy": {"mode": "faces"}"#)),
            good(name, parameters(#""privacy": {"mode": "people", "method": "mosaic"}"#)),
            good(name, parameters(#""privacy": {"mode": "counts_only"}"#)),
            bad(
                name, parameters(#""privacy": {"mode": "counts_only", "method": "mask"}"#),
                "parameters.privacy.method", "Of 'counts_only' there are no pictures, and nothing to cover",
                isValidBySchema: true),
            bad(
                name, parameters(#""privacy": {"method": "mask"}"#), "parameters.privacy.mode", "Field required"),
            bad(
                name, parameters(#""privacy": {"mode": "nobody"}"#), "parameters.privacy.mode",
                "Input should be 'faces', 'people' or 'counts_only'"),
            good(name, parameters(bodies(name) + #""model": "fast""#)),
            good(name, parameters(bodies(name) + #""model": "accurate""#)),
            good(name, parameters(bodies(name) + #""model": "precise""#)),
            good(name, parameters(#""model": null"#)),
            good(name, parameters(#""event_policy": {"trigger": "start"}"#)),
            good(name, parameters(#""event_policy": {"trigger": "end", "interval": 3}"#)),
            good(name, parameters(#""event_policy": {"trigger": "period", "interval": 0.5}"#)),
            good(
                name,
                #"{"callbacks": [{\#(http)}, {"type": "luna-event", "enable": 1}, {"type": "luna-ws-notification"}]}"#),
            good(
                name,
                #"{"callbacks": [{\#(http), "enable": 0, "authorization": {"type": "basic", "login": "l", "password": "p"}, "params": {"timeout": 5, "content_type": "application/msgpack", "headers": {"X-Key": "a b"}, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}}]}"#
            ),

            good(
                name,
                #"{"callbacks": [{"type": "mqtt", "url": "mqtts://b:1/", "params": {"topic": "a/{stream_id}", "qos": 2, "retain": 1}}]}"#
            ),

            bad(name, "[]", "", "Input should be a valid dictionary"),
            bad(name, #"{"target": []}"#, "target", "Extra inputs are not permitted"),
            bad(name, #"{"targets": "overview"}"#, "targets", "Input should be a valid list"),
            bad(name, #"{"parameters": null}"#, "parameters", "Input should be a valid dictionary"),
            bad(name, parameters(#""ttl": 1"#), "parameters.ttl", "Extra inputs are not permitted"),
            bad(
                name, parameters(#""probe_count": -1"#), "\(inner).probe_count",
                "Input should be greater than or equal to 0"),
            bad(name, parameters(#""probe_count": true"#), "\(inner).probe_count", "Input should be a valid integer"),
            bad(name, parameters(#""probe_count": 1.5"#), "\(inner).probe_count", "Input should be a valid integer"),
            bad(name, parameters(#""probe_count": "3""#), "\(inner).probe_count", "Input should be a valid integer"),
            bad(name, parameters(#""probe_count": null"#), "\(inner).probe_count", "Input should be a valid integer"),

            bad(
                name, parameters(#""roi": {"mode": "abs", "x": 0, "y": 0, "width": 1}"#), "\(roi).height",
                "Field required"),
            bad(
                name, parameters(#""roi": {"x": 0, "y": 0, "width": 1, "height": 1}"#), "\(roi).mode", "Field required"),
            bad(
                name, parameters(#""roi": {"mode": "px", "x": 0, "y": 0, "width": 1, "height": 1}"#), "\(roi).mode",
                "Input should be 'abs' or 'percent'"),
            bad(
                name, parameters(#""roi": {"mode": "abs", "x": 0.5, "y": 0, "width": 1, "height": 1}"#), "\(roi).x",
                "Input should be a valid integer"),
            bad(
                name, parameters(#""roi": {"mode": "abs", "x": -1, "y": 0, "width": 1, "height": 1}"#), "\(roi).x",
                "Input should be greater than or equal to 0"),
            bad(
                name, parameters(#""roi": {"mode": "abs", "x": 0, "y": 0, "width": 65537, "height": 1}"#),
                "\(roi).width", "Input should be less than or equal to 65536"),
            bad(
                name, parameters(#""roi": {"mode": "abs", "x": 0, "y": 0, "width": 0, "height": 1}"#), roi,
                "Invalid rectangle"),
            bad(
                name, parameters(#""roi": {"mode": "abs", "x": 0, "y": 0, "width": 1, "height": 1, "z": 1}"#),
                "\(roi).z", "Extra inputs are not permitted"),
            bad(
                name, parameters(#""roi": {"mode": "percent", "x": 60, "y": 0, "width": 40.1, "height": 10}"#), roi,
                "Invalid rectangle", isValidBySchema: true),
            bad(
                name, parameters(#""roi": {"mode": "percent", "x": 0, "y": 50, "width": 100, "height": 51}"#), roi,
                "Invalid rectangle", isValidBySchema: true),
            bad(
                name, parameters(#""roi": {"mode": "percent", "x": 0, "y": 0, "width": 0, "height": 10}"#),
                "\(roi).width", "Input should be greater than or equal to 1e-05"),
            bad(
                name, parameters(#""roi": {"mode": "percent", "x": 101, "y": 0, "width": 1, "height": 10}"#),
                "\(roi).x", "Input should be less than or equal to 100"),

            bad(
                name, parameters(#""rate": {"unit": "frame", "period": 0}"#), "\(inner).rate.period",
                "Input should be greater than or equal to 1"),
            bad(
                name, parameters(#""rate": {"unit": "frame", "period": 0.5}"#), "\(inner).rate.period",
                "Input should be a valid integer"),
            bad(
                name, parameters(#""rate": {"unit": "second", "period": -1}"#), "\(inner).rate.period",
                "Input should be greater than or equal to 0"),
            bad(
                name, parameters(#""rate": {"unit": "second", "period": 1e300}"#), "\(inner).rate.period",
                "Input should be less than or equal to 1000000"),
            bad(
                name, parameters(#""rate": {"unit": "minute", "period": 1}"#), "\(inner).rate.unit",
                "Input should be 'frame' or 'second'"),
            bad(name, parameters(#""rate": {"unit": "frame"}"#), "\(inner).rate.period", "Field required"),
            bad(name, parameters(#""rate": 5"#), "\(inner).rate", "Input should be a valid dictionary"),
            bad(
                name, parameters(#""image_retain_policy": {"mimetype": "jpeg"}"#),
                "\(inner).image_retain_policy.mimetype", "Input should be 'PNG' or 'JPEG'"),
            bad(
                name, parameters(#""image_retain_policy": {"quality": 1.1}"#), "\(inner).image_retain_policy.quality",
                "Input should be less than or equal to 1"),
            bad(
                name, parameters(#""image_retain_policy": {"ttl": 8}"#), "\(inner).image_retain_policy.ttl",
                "Input should be 1, 2, 3, 4, 5, 6, 7, 14, 30, 60, 90, 180, 365 or -1"),
            bad(
                name, parameters(#""image_retain_policy": {"life": 1}"#), "\(inner).image_retain_policy.life",
                "Extra inputs are not permitted"),
            bad(
                name, parameters(#""model": "best""#), "\(inner).model",
                "Input should be 'fast', 'accurate' or 'precise'"),
            bad(name, parameters(#""event_policy": {}"#), "\(inner).event_policy.trigger", "Field required"),
            bad(
                name, parameters(#""event_policy": {"trigger": "never"}"#), "\(inner).event_policy.trigger",
                "Input should be 'start', 'end' or 'period'"),
            bad(
                name, parameters(#""event_policy": {"trigger": "period"}"#), "\(inner).event_policy.interval",
                "Field required"),
            bad(
                name, parameters(#""event_policy": {"trigger": "period", "interval": 0}"#),
                "\(inner).event_policy.interval", "Input should be greater than 0"),
            bad(
                name, parameters(#""event_policy": {"trigger": "end", "interval": -1}"#),
                "\(inner).event_policy.interval", "Input should be greater than 0"),

            bad(
                name,
                #"{"callbacks": [\#(Array(repeating: #"{"type": "luna-event"}"#, count: 11).joined(separator: ","))]}"#,
                "callbacks", "List should have at most 10 items after validation, not 11"),
            bad(name, #"{"callbacks": [{}]}"#, "callbacks.0.type", "Field required"),
            bad(
                name, #"{"callbacks": [{"type": "luna-kafka"}]}"#, "callbacks.0.type",
                "Input should be 'http', 'mqtt', 'luna-ws-notification' or 'luna-event'"),
            bad(name, #"{"callbacks": [{"type": "http"}]}"#, "callbacks.0.url", "Field required"),
            bad(
                name, #"{"callbacks": [{"type": "luna-event", "url": "http://a/"}]}"#, "callbacks.0.url",
                "Extra inputs are not permitted"),
            bad(
                name, #"{"callbacks": [{"type": "luna-event", "enable": true}]}"#, "callbacks.0.enable",
                "Input should be 0 or 1"),
            bad(
                name, #"{"callbacks": [{"type": "http", "url": "ftp://a/"}]}"#, "callbacks.0.url",
                "Input should be a valid URL that begins with http:// or https://"),
            bad(
                name, #"{"callbacks": [{"type": "http", "url": "/cb"}]}"#, "callbacks.0.url",
                "Input should be a valid URL that begins with http:// or https://"),
            bad(
                name, #"{"callbacks": [{"type": "http", "url": "http://a:65536/"}]}"#, "callbacks.0.url",
                "The port of the URL should be in 1...65535"),
            bad(
                name, #"{"callbacks": [{"type": "http", "url": "http://a:0/"}]}"#, "callbacks.0.url",
                "The port of the URL should be in 1...65535"),
            bad(
                name, #"{"callbacks": [{"type": "mqtt", "url": "mqtt://b:99999/"}]}"#, "callbacks.0.url",
                "The port of the URL should be in 1...65535"),
            bad(
                name, #"{"callbacks": [{\#(http), "filters": {}}]}"#, "callbacks.0.filters",
                "Extra inputs are not permitted"),
            bad(
                name, #"{"callbacks": [{\#(http), "authorization": {"type": "basic", "login": "l"}}]}"#,
                "callbacks.0.authorization.password", "Field required"),
            bad(
                name,
                #"{"callbacks": [{\#(http), "authorization": {"type": "bearer", "login": "l", "password": "p"}}]}"#,
                "callbacks.0.authorization.type", "Input should be 'basic'"),
            bad(
                name, #"{"callbacks": [{\#(http), "params": {"timeout": 0}}]}"#, "callbacks.0.params.timeout",
                "Input should be greater than or equal to 1"),
            bad(
                name, #"{"callbacks": [{\#(http), "params": {"content_type": "text/plain"}}]}"#,
                "callbacks.0.params.content_type", "Input should be 'application/json' or 'application/msgpack'"),
            bad(
                name, #"{"callbacks": [{"type": "mqtt", "url": "mqtt://b/", "params": {"topic": "a/#"}}]}"#,
                "callbacks.0.params.topic",
                "Input should be a topic without wildcards; it may hold {account_id}, {stream_id}, {event_id}, {track_id}, {event_type}"
            ),
            bad(
                name, #"{"callbacks": [{"type": "mqtt", "url": "http://b/"}]}"#, "callbacks.0.url",
                "Input should be a URL such as mqtt://host:1883 or mqtts://host:8883"),
            bad(
                name, #"{"callbacks": [{\#(http), "params": {"secret": "whsec_c2hvcnQ="}}]}"#,
                "callbacks.0.params.secret", "Input should be 'whsec_' and the Base64 of 24 to 64 bytes"),
            bad(
                name, #"{"callbacks": [{\#(http), "params": {"headers": {"a b": "c"}}}]}"#,
                "callbacks.0.params.headers.a b", "A header name should consist of letters, digits and !#$%&'*+-.^_`|~"),
            bad(
                name, #"{"callbacks": [{\#(http), "params": {"headers": {"X": "a\r\nb"}}}]}"#,
                "callbacks.0.params.headers.X", "A header value should not contain control characters"),
            bad(
                name, #"{"callbacks": [{\#(http), "params": {"headers": {"X": 1}}}]}"#, "callbacks.0.params.headers.X",
                "Input should be a valid string"),
        ]
    }
}
