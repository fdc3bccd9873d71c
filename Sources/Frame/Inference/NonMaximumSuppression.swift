public import Scene

/// Greedy non-maximum suppression: of boxes that overlap, the surest stays.
///
/// Source: Dalal, Triggs, "Histograms of Oriented Gradients for Human Detection", CVPR 2005, in the form of Girshick
/// et al., "Rich feature hierarchies…", CVPR 2014, §2.2. O(n²) in the number of candidates.
/// - Parameters:
///   - candidates: in any order; at most `limit` of them, the surest, are looked at.
///   - maximumIoU: a box that overlaps a surer one by more is dropped.
/// - Returns: the surest first.
public func nms(_ candidates: [Detection], maximumIoU: Float, limit: Int = 1000) -> [Detection] {
    var kept: [Detection] = []
    for candidate in candidates.sorted(by: { $0.confidence > $1.confidence }).prefix(limit)
    where !kept.contains(where: { $0.box.iou(with: candidate.box) > maximumIoU }) {
        kept.append(candidate)
    }
    return kept
}
