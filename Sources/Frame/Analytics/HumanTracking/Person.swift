import JSON
import Records
import Scene

/// What one frame shows of a person, and how that is written. There are no faces yet.
struct Person: Sighting {
    static let eventType = "human_tracking"
    let time: FrameTime
    let detection: Detection
    /// Whether the frame passes the stream's filters for pictures.
    let isSample: Bool
    /// Whether live subscribers are told where the person is.
    let showsBody: Bool

    /// Any sample before any other detection.
    var merit: Float { detection.confidence + (isSample ? 1 : 0) }
    var facts: any Facts { Body(detection: detection) }
    var pictureFacts: any Facts { Shot(detection: detection) }
    var live: any Facts { Body(detection: showsBody ? detection : nil) }

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
