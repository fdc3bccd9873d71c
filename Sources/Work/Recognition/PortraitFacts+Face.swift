import Frames
import Media
import Records
import Scene

// What checks of portraits want to know, as far as a picture, the points of a face and what is estimated of it tell.
extension PortraitFacts {
    /// - Parameters:
    ///   - estimates: of this face, at least what `FaceQualityPolicy.wanted` says.
    ///   - bytes: of the file that the picture came in.
    init(of face: FoundFace, _ estimates: FaceEstimates, in still: StillPicture, _ bytes: [UInt8]) throws {
        self.init(still, bytes)
        tell(estimates)
        tell(face.detection.box, in: still.size)
        if let points = face.detection.landmarks { tell(PortraitGeometry(points), in: still.size) }
        if let light = try face.light(in: still) {
            tellColour(light)
            self[.illuminationUniformity] = .number(light.uniformity)
            self[.dynamicRange] = .number(light.dynamicRange)
        }
    }
    /// Of a picture that is an aligned face itself: what is where in it says nothing of the one it was cut from.
    /// - Parameters: as above.
    init(ofWarp still: StillPicture, _ estimates: FaceEstimates, _ bytes: [UInt8]) throws {
        self.init(still, bytes)
        tell(estimates)
        tellColour(try FaceBench().portrait(nil, in: still.picture))
    }

    private init(_ still: StillPicture, _ bytes: [UInt8]) {
        self.init()
        self[.imageFormat] = PictureForm(bytes).map { .word($0.rawValue) }
        tell(.imageSize, Double(bytes.count))
        tell(.imageWidth, Double(still.size.width))
        tell(.imageHeight, Double(still.size.height))
        tell(.aspectRatio, Double(still.size.width) / Double(still.size.height))
    }
    private mutating func tell(_ check: PortraitCheck, _ value: Double?) {
        if let value { self[check] = .number(value) }
    }

    private mutating func tell(_ estimates: FaceEstimates) {
        tell(.headYaw, estimates.headPose?.yaw)
        tell(.headPitch, estimates.headPose?.pitch)
        tell(.headRoll, estimates.headPose?.roll)
        tell(.dark, estimates.quality?.dark)
        tell(.light, estimates.quality?.light)
        tell(.illumination, estimates.quality?.illumination)
        tell(.specularity, estimates.quality?.specularity)
        tell(.blurriness, estimates.quality?.blurriness)
        tell(.gazeYaw, estimates.gaze?.yaw)
        tell(.gazePitch, estimates.gaze?.pitch)
        tell(.mouthSmiling, estimates.mouth.map { Double($0.smile) })
        tell(.mouthOpen, estimates.mouth.map { Double($0.opened) })
        self[.leftEye] = estimates.eyes.map { .word($0.left.state.rawValue) }
        self[.rightEye] = estimates.eyes.map { .word($0.right.state.rawValue) }
    }
    private mutating func tell(_ box: BoundingBox, in size: PixelSize) {
        tell(.faceWidth, Double(box.width))
        tell(.faceHeight, Double(box.height))
        tell(.indentLeft, Double(max(0, box.minX)))
        tell(.indentUpper, Double(max(0, box.minY)))
        tell(.indentRight, Double(max(0, Float(size.width) - box.maxX)))
        tell(.indentLower, Double(max(0, Float(size.height) - box.maxY)))
    }
    private mutating func tell(_ head: PortraitGeometry, in size: PixelSize) {
        let (width, height) = (Double(size.width), Double(size.height))
        tell(.headHorizontalCenter, Double(head.center.x) / width)
        tell(.headVerticalCenter, Double(head.center.y) / height)
        tell(.headWidth, Double(head.headWidth) / width)
        tell(.headHeight, Double(head.headHeight) / height)
        tell(.eyeDistance, Double(head.eyeDistance))
    }
    private mutating func tellColour(_ light: PortraitLight) {
        self[.faceColor] = .word(light.isGrey ? "grayscale" : "color")
    }
}
