import Foundation
import Inference
import JSON
import Records
import Scene
import Tracking

extension Plan {
    /// By what each analytic decides, in their order.
    var rules: [AnalyticRules] {
        consumers.map { consumer in
            let look = looks[consumer.look], model = look.model
            return AnalyticRules(
                name: consumer.origin.name, index: consumer.origin.index, parameters: consumer.inForce,
                parametersSHA256: Fingerprint.sha256(Data(consumer.inForce.text.utf8)), model: model.identity,
                thresholds: thresholds(of: consumer, look.thresholds), rate: consumer.rate)
        }
    }

    /// As the card and the settings are called that they come from.
    private func thresholds(of consumer: Consumer, _ model: ModelCard.Thresholds) -> [String: JSONValue] {
        func written(_ value: Float) -> JSONValue { .number(Double(value.description) ?? Double(value)) }
        var thresholds: [String: JSONValue] = [
            "confidence": written(model.confidence), "candidate": written(model.candidate),
            "nms_iou": written(model.nmsIoU),
        ]
        guard let following = consumer.following else { return thresholds }
        let look = looks[consumer.look]
        if let counting = look.confidence == nil ? look.model.counting : nil {
            thresholds["counting.floor"] = written(counting.floor)
            thresholds["counting.presence"] = written(counting.presence.least)
        }
        let tracker = followings[following].configuration
        thresholds["tracking_probe_count"] = .integer(Int64(consumer.probeCount))
        for (key, value) in [
            (TrackerConfiguration.Confidence.birth, tracker.birthConfidence), (.high, tracker.highConfidence),
            (.low, tracker.lowConfidence), (.still, tracker.stillConfidence),
        ] { thresholds[key.rawValue] = written(value) }
        thresholds["tracker.movement"] = written(tracker.movement)
        thresholds["tracker.patience"] = .number(tracker.patience.seconds)
        thresholds["tracker.tentative_patience"] = .number(tracker.tentativePatience.seconds)
        return thresholds
    }
}
