import JSON
import Records
import Scene

/// What one frame shows of a person, and how that is written. There are no faces yet.
struct Person: Sighting {
    static let eventType = "human_tracking"
    static let form = Event.Form.generated
    var time: FrameTime
    let detection: Detection
    /// Whether the frame passes the stream's filters for pictures: it may become a sample.
    let isSample: Bool
    /// Whether live subscribers are told where the person is.
    let showsBody: Bool

    /// Any sample before any other detection.
    var merit: Float { detection.confidence + (isSample ? 1 : 0) }
    var facts: any Facts { BestShot(time: time, detection: detection) }
    var pictureFacts: any Facts { Shot(detection: detection) }
    var sampleFacts: (any Facts)? { isSample ? Place(detection: detection) : nil }
    var live: any Facts { Body(detection: showsBody ? detection : nil) }

    /// The best detection, as handlers write what one picture shows. `score` is an addition of ours.
    private struct BestShot: Facts {
        let time: FrameTime
        let detection: Detection
        var members: [String: JSONValue] {
            let body = GeneratedEvent.body(.object(Place(detection: detection).members))
            return [
                "detections": [
                    GeneratedEvent.detection(body: body, time: time.wallClock, offset: time.pts.wire)
                ]
            ]
        }
    }
    private struct Place: Facts {
        let detection: Detection
        var members: [String: JSONValue] {
            let (rect, score) = JSONValue.rectAndScore(detection)
            return ["rect": rect, "score": score]
        }
    }
    private struct Body: Facts {
        let detection: Detection?
        var members: [String: JSONValue] {
            ["face": .null, "body": detection.map { ["detection": .detection($0)] } ?? .null]
        }
    }
    private struct Shot: Facts {
        let detection: Detection
        var members: [String: JSONValue] { ["detection": ["face": .null, "body": .detection(detection)]] }
    }
}
