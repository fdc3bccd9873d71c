import Frames
import Inference
import Records
import Scene

/// What a plan's looks come to in frames of one size. Looks whose regions come to the same pixels share a view.
struct FrameViews: Sendable {
    /// What was found in one view of a frame.
    struct Found: Sendable {
        /// Also the unsure ones, which are for trackers only.
        let detections: [Detection]
        /// Those that the model is sure of.
        let people: [Detection]
    }
    /// By view; `nil` where nobody wanted to look.
    typealias Findings = [Result<Found, any Error>?]

    private struct View: Sendable {
        let model: LoadedModel
        let region: PixelRect
    }
    let size: PixelSize
    private var views: [View] = []
    /// By look; `nil` when its region reaches beyond the frame.
    private var viewOfLook: [Int?] = []

    init(_ looks: [Plan.Look], in size: PixelSize) {
        self.size = size
        for look in looks {
            guard let region = look.roi.map({ $0.resolved(in: size) }) ?? PixelRect(size) else {
                viewOfLook.append(nil)
                continue
            }
            let known = views.firstIndex { $0.model === look.model && $0.region == region }
            if known == nil { views.append(View(model: look.model, region: region)) }
            viewOfLook.append(known ?? views.count - 1)
        }
    }

    /// The views that consumers of `plan` look at, as bits.
    func ofConsumers(_ plan: Plan) -> UInt64 {
        var views: UInt64 = 0
        for consumer in plan.consumers { if let view = viewOfLook[consumer.look] { views |= 1 << UInt64(view) } }
        return views
    }

    /// The view that a look takes, for a look that was wanted.
    subscript(look: Int) -> Int? { viewOfLook[look] }

    /// The views that the consumers of a frame want, and those that say what to cover in it, as bits.
    /// - Throws: `PipelineError` when the region of one of them is not inside the frame.
    func wanted(in frame: Frame, by plan: Plan) throws(PipelineError) -> UInt64 {
        var wanted: UInt64 = 0
        for index in plan.consumers.indices where frame.consumers.contains(ConsumerSet(index: index)) {
            guard let view = viewOfLook[plan.consumers[index].look] else {
                throw .invalidRectangle(
                    analytic: plan.consumers[index].origin.name, frame: "\(size.width)×\(size.height)")
            }
            wanted |= 1 << UInt64(view)
        }
        for look in plan.covers.looks { if let view = viewOfLook[look] { wanted |= 1 << UInt64(view) } }
        return wanted
    }

    /// Takes the wanted views of a frame, one after the other.
    func find(in frame: Frame, wanted: UInt64, urgency: Urgency) async -> Findings {
        var findings = Findings(repeating: nil, count: views.count)
        for index in views.indices where wanted & (1 << UInt64(index)) != 0 {
            let view = views[index]
            do {
                let detections = try await view.model.finder.find(in: frame, region: view.region, urgency: urgency)
                let confidence = view.model.thresholds.confidence
                findings[index] = .success(
                    Found(detections: detections, people: detections.filter { $0.confidence >= confidence }))
            } catch {
                findings[index] = .failure(error)
            }
        }
        return findings
    }
}
