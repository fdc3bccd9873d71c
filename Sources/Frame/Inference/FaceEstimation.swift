public import Frames
public import Scene

/// Estimates of faces what is wanted, with the models that this needs and no other. A face is shown to a model when it is large, sharp and
/// frontal enough for it, as the model's card says.
public struct FaceEstimation: Sendable {
    /// A face that was found.
    public struct Face: Sendable {
        let warp: FaceWarp?
        let pose: HeadPose?
        let height: Float

        /// - Parameter detection: in pixels of the picture.
        public init(_ detection: Detection) {
            warp = detection.landmarks.flatMap(FaceWarp.init)
            pose = detection.landmarks.flatMap(HeadPose.init)
            height = detection.box.height
        }
        /// Of a picture that is an aligned face itself, which does not say how large the face was nor how it was turned.
        public static let aligned = Face(
            warp: .itself, pose: HeadPose(yaw: 0, pitch: 0, roll: 0), height: Float(FaceWarp.side))
        private init(warp: FaceWarp, pose: HeadPose, height: Float) {
            (self.warp, self.pose, self.height) = (warp, pose, height)
        }
    }

    private let models: [EstimatorCard.Head: LoadedEstimator]
    private let bench = FaceBench()

    /// - Parameter models: what has none of them is told as `nil`.
    public init(_ models: [LoadedEstimator]) {
        self.models = Dictionary(models.map { ($0.card.head, $0) }) { $1 }
    }

    /// - Parameter picture: that the faces were found in.
    /// - Returns: of each face, in their order.
    public func estimates(
        _ wanted: FaceEstimateSet, of faces: [Face], in picture: any Picture, urgency: Urgency
    ) async throws -> [FaceEstimates] {
        let gates = wanted.models.compactMap { models[$0]?.card.gate }
        var told = try faces.map { face in
            var told = FaceEstimates(wanted: wanted)
            if wanted.contains(.headPose) { told.headPose = face.pose }
            // What models say of a face depends on how good it is, so that is measured whenever one may be asked.
            let isShown = gates.contains { gate in face.pose.map { gate.lets(height: face.height, $0) } ?? false }
            if wanted.contains(.quality) || isShown {
                told.quality = try face.warp.map { try bench.measure($0, in: picture) }
            }
            return told
        }
        let view = View(picture: picture, faces: faces, quality: told.map(\.quality), urgency: urgency)
        if wanted.contains(.emotions) { try await addEmotions(to: &told, view) }
        if wanted.contains(.basicAttributes) { try await addBasicAttributes(to: &told, view) }
        if wanted.models.contains(.faceMesh) { try await addPoints(wanted, to: &told, view) }
        if !wanted.contains(.quality) { for index in told.indices { told[index].quality = nil } }
        return told
    }

    private struct View {
        let picture: any Picture
        let faces: [Face]
        let quality: [WarpQuality?]
        let urgency: Urgency

        /// Numbers of the faces that a model may be shown, and what it is shown of them.
        func crops(for card: EstimatorCard) -> [(face: Int, crop: FaceCrop)] {
            faces.indices.compactMap { index in
                let face = faces[index]
                guard let warp = face.warp, let pose = face.pose, let quality = quality[index],
                    card.gate.lets(height: face.height, pose), quality.blurriness >= card.gate.sharpness
                else { return nil }
                let square = (x: card.crop.x, y: card.crop.y, side: card.crop.side)
                return (index, FaceCrop(warp.transform.cut(square, to: card.input.width)))
            }
        }
    }

    /// - Returns: the outputs for each face that the model was shown.
    private func ask(_ head: EstimatorCard.Head, _ view: View) async throws -> [(face: Int, outputs: [[Float]])] {
        guard let model = models[head] else { return [] }
        let crops = view.crops(for: model.card)
        guard !crops.isEmpty else { return [] }
        let outputs = try await model.estimator.estimate(
            crops.map(\.crop), of: view.picture, urgency: view.urgency)
        return zip(crops, outputs).map { ($0.face, $1) }
    }

    private func addEmotions(to told: inout [FaceEstimates], _ view: View) async throws {
        guard let card = models[.emotions]?.card else { return }
        let places = Emotion.allCases.map { card.classes.firstIndex(of: $0.name)! }
        for (face, outputs) in try await ask(.emotions, view) {
            let sum = outputs[0].reduce(0, +)
            guard sum > 0, sum.isFinite else { continue }
            told[face].emotions = Emotions(shares: places.map { outputs[0][$0] / sum })
        }
    }

    /// The age is the mean of the years, weighted by how likely each is: Rothe, Timofte, Van Gool, "Deep Expectation of Real and Apparent Age", IJCV 2016.
    private func addBasicAttributes(to told: inout [FaceEstimates], _ view: View) async throws {
        guard let male = models[.gender]?.card.classes.firstIndex(of: "male") else { return }
        var ages: [Int: Float] = [:]
        for (face, outputs) in try await ask(.age, view) {
            let sum = outputs[0].reduce(0, +)
            guard sum > 0, sum.isFinite else { continue }
            // The model was taught that the first year is a quarter of one.
            ages[face] = zip(0..., outputs[0]).reduce(0) { $0 + max(0.25, Float($1.0)) * $1.1 } / sum
        }
        for (face, outputs) in try await ask(.gender, view) {
            guard let age = ages[face], outputs[0][male].isFinite else { continue }
            let score = outputs[0][male]
            told[face].basicAttributes = AgeAndGender(
                age: age, gender: score > 0.5 ? .male : .female, genderScore: max(score, 1 - score))
        }
    }

    private func addPoints(_ wanted: FaceEstimateSet, to told: inout [FaceEstimates], _ view: View) async throws {
        guard let card = models[.faceMesh]?.card else { return }
        let crops = Dictionary(uniqueKeysWithValues: view.crops(for: card).map { ($0.face, $0.crop) })
        var meshes: [(face: Int, mesh: FaceMesh)] = []
        for (face, outputs) in try await ask(.faceMesh, view) {
            // As a logit: more likely than not.
            guard let crop = crops[face], outputs[1][0] > 0 else { continue }
            meshes.append((face, FaceMesh(points: Self.points(outputs[0], crop, card))))
        }
        for (face, mesh) in meshes {
            if wanted.contains(.landmarks68) { told[face].landmarks68 = mesh.landmarks68 }
            if wanted.contains(.mouth) { told[face].mouth = mesh.mouth }
        }
        if wanted.models.contains(.iris) { try await addEyes(wanted, of: meshes, to: &told, view) }
    }

    private func addEyes(
        _ wanted: FaceEstimateSet, of meshes: [(face: Int, mesh: FaceMesh)], to told: inout [FaceEstimates],
        _ view: View
    ) async throws {
        guard let model = models[.iris] else { return }
        let allowed = Set(view.crops(for: model.card).map(\.face))
        var eyes: [(face: Int, crops: [FaceCrop])] = []
        for (face, mesh) in meshes where allowed.contains(face) {
            guard let left = Self.crop(of: mesh.leftEye, model.card, isMirrored: false),
                let right = Self.crop(of: mesh.rightEye, model.card, isMirrored: true)
            else { continue }
            eyes.append((face, [left, right]))
        }
        guard !eyes.isEmpty else { return }
        let outputs = try await model.estimator.estimate(
            eyes.flatMap(\.crops), of: view.picture, urgency: view.urgency)
        for (number, (face, crops)) in eyes.enumerated() {
            let contours = zip(crops, outputs[(2 * number)...]).map { crop, outputs in
                EyeContour(
                    contour: Self.points(outputs[0], crop, model.card), iris: Self.points(outputs[1], crop, model.card))
            }
            if wanted.contains(.eyes) {
                told[face].eyes = EyesEstimate(
                    left: EyeEstimate(state: contours[0].state, iris: contours[0].iris),
                    right: EyeEstimate(state: contours[1].state, iris: contours[1].iris))
            }
            // Of a closed eye the iris is a guess.
            if wanted.contains(.gaze), let pose = view.faces[face].pose, contours.allSatisfy({ $0.state == .open }) {
                told[face].gaze = Gaze(left: contours[0], right: contours[1], head: pose)
            }
        }
    }

    /// Around the middle of an eye, with its corners on a level.
    private static func crop(
        of eye: FaceMesh.EyeCorners, _ card: EstimatorCard, isMirrored: Bool
    ) -> FaceCrop? {
        let side = Float(card.input.width), half = side / Float(card.crop.side) / 2
        let goals = [Point(x: side / 2 - half, y: side / 2), Point(x: side / 2 + half, y: side / 2)]
        return SimilarityTransform(bringing: [eye.left, eye.right], to: goals).map {
            FaceCrop($0, isMirrored: isMirrored)
        }
    }

    /// - Parameter numbers: x, y, z of each, in pixels of the input.
    private static func points(_ numbers: [Float], _ crop: FaceCrop, _ card: EstimatorCard) -> [Point] {
        stride(from: 0, to: numbers.count - 2, by: 3).map {
            crop.pointInPicture(Point(x: numbers[$0], y: numbers[$0 + 1]), side: card.input.width)
        }
    }
}

extension EstimatorCard.Gate {
    /// Whether a face is large and frontal enough.
    func lets(height: Float, _ pose: HeadPose) -> Bool {
        height >= self.height && abs(pose.yaw) <= yaw && abs(pose.pitch) <= pitch
    }
}
