import Scene

// Heads of networks that find faces with five points.
extension HeadDecoder {
    /// Heat map, scale, offset, points: one number, two, two and ten for each cell of the grid of stride 4.
    var centerFaceShapes: [[Int]] {
        let columns = Int(cells.last?.x ?? -1) + 1, rows = Int(cells.last?.y ?? -1) + 1
        return [1, 2, 2, 10].map { [batch, $0, rows, columns] }
    }

    /// A cell is as likely the centre of a face as the heat map says, whatever its neighbours say: non-maximum suppression chooses.
    ///
    /// Source: Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point", 2019, §3: sizes are
    /// logarithms in cells, points lie in the box as parts of its width and height. Vertical numbers come before horizontal ones.
    func decodeCenterFace(_ outputs: [Tensor], _ candidates: inout [Detection]) {
        let (heat, scale, offset, points) = (
            outputs[0].values, outputs[1].values, outputs[2].values, outputs[3].values
        )
        let count = cells.count
        for (index, cell) in cells.enumerated() where heat[index] >= threshold {
            let height = exponential(scale[index]) * cell.stride
            let width = exponential(scale[count + index]) * cell.stride
            let box = Self.box(
                centerX: (cell.x + offset[count + index] + 0.5) * cell.stride,
                centerY: (cell.y + offset[index] + 0.5) * cell.stride, width: width, height: height)
            let landmarks = Landmarks5 { number in
                Point(
                    x: points[(2 * number + 1) * count + index] * width + box.minX,
                    y: points[2 * number * count + index] * height + box.minY)
            }
            append(box, heat[index], &candidates, landmarks: landmarks)
        }
    }

    /// For each stride scores of the class, then for each those that there is anything, boxes and points. The network puts the rows of a
    /// batch's pictures one after the other.
    var yuNetShapes: [[Int]] {
        let counts = ModelCard.Head.yunet.strides.map { stride in cells.count { $0.stride == Float(stride) } }
        return [1, 1, 4, 10].flatMap { width in counts.map { [1, batch * $0, width] } }
    }

    /// Source: Wu, Peng, Yu, "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence Research 2023, §3: a score is
    /// the geometric mean of two; centres are offsets in cells, sizes logarithms, points offsets in cells.
    func decodeYuNet(_ outputs: [Tensor], _ candidates: inout [Detection]) {
        let levels = ModelCard.Head.yunet.strides.count
        var first = 0
        for level in 0..<levels {
            let (classes, objects, boxes, points) = (
                outputs[level].values, outputs[levels + level].values, outputs[2 * levels + level].values,
                outputs[3 * levels + level].values
            )
            for row in 0..<classes.count {
                let score = min(max(classes[row], 0), 1) * min(max(objects[row], 0), 1)
                guard score >= threshold * threshold else { continue }
                let cell = cells[first + row], at = row * 4
                let box = Self.box(
                    centerX: (cell.x + boxes[at]) * cell.stride, centerY: (cell.y + boxes[at + 1]) * cell.stride,
                    width: exponential(boxes[at + 2]) * cell.stride, height: exponential(boxes[at + 3]) * cell.stride)
                let landmarks = Landmarks5 { number in
                    Point(
                        x: (cell.x + points[row * 10 + 2 * number]) * cell.stride,
                        y: (cell.y + points[row * 10 + 2 * number + 1]) * cell.stride)
                }
                append(box, score.squareRoot(), &candidates, landmarks: landmarks)
            }
            first += classes.count
        }
    }
}

extension Landmarks5 {
    /// From the points in the order in which both networks give them.
    fileprivate init(_ point: (Int) -> Point) {
        self.init(leftEye: point(0), rightEye: point(1), nose: point(2), leftMouth: point(3), rightMouth: point(4))
    }
}
