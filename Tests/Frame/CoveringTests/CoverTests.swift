import Covering
import Foundation
import Frames
import Scene
import Testing

struct CoverTests {
    /// Packed pixels of the test's own, with a margin around them that nobody may write to.
    private final class Pixels {
        let size: PixelSize
        private let memory: UnsafeMutableBufferPointer<UInt8>
        private static let margin = 4096, untouched: UInt8 = 77

        init(_ width: Int, _ height: Int, _ color: (Int, Int) -> (UInt8, UInt8, UInt8)) {
            size = PixelSize(width: width, height: height)
            memory = .allocate(capacity: width * height * 3 + 2 * Self.margin)
            memory.update(repeating: Self.untouched)
            for y in 0..<height {
                for x in 0..<width {
                    let (pixel, place) = (color(x, y), Self.margin + (y * width + x) * 3)
                    (memory[place], memory[place + 1], memory[place + 2]) = pixel
                }
            }
        }
        deinit { memory.deallocate() }

        var target: PixelTarget {
            PixelTarget(
                base: memory.baseAddress! + Self.margin, bytesPerRow: size.width * 3, size: size, order: .rgb)
        }
        subscript(x: Int, y: Int) -> [Int] {
            (0..<3).map { Int(memory[Self.margin + (y * size.width + x) * 3 + $0]) }
        }
        var isMarginUntouched: Bool {
            (memory.prefix(Self.margin) + memory.suffix(Self.margin)).allSatisfy { $0 == Self.untouched }
        }
        func apply(_ cover: Cover, showing region: PixelRect? = nil) {
            cover.apply(to: target, showing: region ?? PixelRect(size))
        }
    }
    /// Stripes as fine as pixels are: what no cover may leave.
    private static func stripes(_ x: Int, _ y: Int) -> (UInt8, UInt8, UInt8) {
        (x + y) % 2 == 0 ? (255, 0, 255) : (0, 255, 0)
    }
    private static let place = BoundingBox(minX: 30, minY: 20, maxX: 90, maxY: 100)

    @Test(arguments: Privacy.Method.allCases)
    func nothingFineIsLeftOfAPlaceAndNothingElseIsTouched(method: Privacy.Method) {
        let pixels = Pixels(120, 120, Self.stripes)
        pixels.apply(Cover([Self.place], by: method))
        for y in 0..<120 {
            for x in 0..<120 {
                let isInside = (28..<92).contains(x) && (18..<102).contains(y)
                if isInside {
                    let expected = method == .mask ? 0 : 127
                    #expect(pixels[x, y].allSatisfy { abs($0 - expected) <= 8 }, "\(method) leaves \(x), \(y)")
                } else {
                    let (red, green, blue) = Self.stripes(x, y)
                    #expect(pixels[x, y] == [Int(red), Int(green), Int(blue)], "\(method) changes \(x), \(y)")
                }
            }
        }
        #expect(pixels.isMarginUntouched)
    }

    /// An ellipse hides all it holds, whatever part of the picture is drawn, and leaves the corners of its box.
    @Test(arguments: Privacy.Method.allCases)
    func anEllipseIsCoveredAndItsCornersAreLeft(method: Privacy.Method) {
        for place in [Self.place, BoundingBox(minX: -30, minY: 40, maxX: 50, maxY: 160)] {
            let pixels = Pixels(120, 120, Self.stripes)
            pixels.apply(Cover([place], by: method, shape: .ellipse))
            for y in 0..<120 {
                for x in 0..<120 {
                    let across = (Float(x) + 0.5 - place.center.x) / place.width * 2
                    let down = (Float(y) + 0.5 - place.center.y) / place.height * 2
                    let distance = across * across + down * down
                    let (red, green, blue) = Self.stripes(x, y)
                    let isAsItWas = pixels[x, y] == [Int(red), Int(green), Int(blue)]
                    if distance <= 1 { #expect(!isAsItWas, "\(method) leaves \(x), \(y)") }
                    if distance > 1.35 { #expect(isAsItWas, "\(method) changes \(x), \(y)") }
                }
            }
            #expect(pixels.isMarginUntouched)
        }
    }
    @Test func theEllipseAroundABoxHoldsItsCorners() {
        let box = BoundingBox(minX: 10, minY: 10, maxX: 40, maxY: 50), around = box.ellipseAround
        let across = 15 / (around.width / 2), down = 20 / (around.height / 2)
        #expect(across * across + down * down <= 1.0001)
        #expect(box.circleAround.width == box.circleAround.height && box.circleAround.width >= around.height - 0.01)
    }

    /// Two pictures whose cells have the same means are the same when they are covered: so nobody can tell which of them it was.
    @Test(arguments: [Privacy.Method.blur, .mosaic])
    func whatIsCoveredTellsNoMoreThanTheMeansOfFewCells(method: Privacy.Method) {
        // 64 × 64 pixels are covered, in 4 × 4 cells of 16 pixels; within each the order of the pixels differs.
        let place = BoundingBox(minX: 34, minY: 34, maxX: 94, maxY: 94)
        func gray(_ x: Int, _ y: Int) -> UInt8 { UInt8((x - 32) / 16 * 40 + (y - 32) / 16 * 10 + (x + y) % 2 * 50) }
        let one = Pixels(128, 128) { x, y in
            guard (32..<96).contains(x), (32..<96).contains(y) else { return (9, 9, 9) }
            return (gray(x, y), gray(x, y), gray(x, y))
        }
        let other = Pixels(128, 128) { x, y in
            guard (32..<96).contains(x), (32..<96).contains(y) else { return (9, 9, 9) }
            let mirrored = x / 16 * 16 + 15 - x % 16
            return (gray(mirrored, y), gray(mirrored, y), gray(mirrored, y))
        }
        #expect(one[40, 40] != other[40, 40])
        let cover = Cover([place], by: method)
        one.apply(cover)
        other.apply(cover)
        var colors: Set<[Int]> = []
        for y in 0..<128 {
            for x in 0..<128 {
                #expect(one[x, y] == other[x, y], "\(x), \(y)")
                if (32..<96).contains(x), (32..<96).contains(y) { colors.insert(one[x, y]) }
            }
        }
        #expect(method == .blur || colors.count == 16)
    }

    /// A place is covered wherever it lies and however the picture was scaled.
    @Test(arguments: [
        PixelRect(x: 0, y: 0, width: 400, height: 400), PixelRect(x: 120, y: 150, width: 80, height: 30),
        PixelRect(x: 190, y: 190, width: 200, height: 200),
    ])
    func scaledPartsOfAPictureAreCoveredToo(region: PixelRect) {
        let place = BoundingBox(minX: 100, minY: 100, maxX: 200, maxY: 200)
        let pixels = Pixels(100, 50) { _, _ in (255, 255, 255) }
        pixels.apply(Cover([place], by: .mask), showing: region)
        for y in 0..<50 {
            for x in 0..<100 {
                let inFrame = Point(
                    x: Float(region.x) + (Float(x) + 0.5) * Float(region.width) / 100,
                    y: Float(region.y) + (Float(y) + 0.5) * Float(region.height) / 50)
                let isInside = (100...200).contains(inFrame.x) && (100...200).contains(inFrame.y)
                #expect(!isInside || pixels[x, y] == [0, 0, 0], "\(x), \(y)")
            }
        }
        #expect(pixels[99, 0] == [255, 255, 255] || region.x == 120)
    }

    /// Boxes come from models: one that is no box must hide too much and never too little.
    @Test func whateverABoxHoldsNothingIsWrittenOutsideThePicture() {
        let wild: [Float] = [-1e30, -50, 0, 3.5, 63, 200, 1e30, .infinity, -.infinity, .nan]
        for method in Privacy.Method.allCases {
            let pixels = Pixels(13, 7, Self.stripes)
            let places = wild.flatMap { a in
                wild.map { b in BoundingBox(minX: a, minY: b, maxX: b, maxY: a) }
            }
            for place in places { pixels.apply(Cover([place], by: method)) }
            #expect(pixels.isMarginUntouched)
            let all = Pixels(13, 7, Self.stripes)
            all.apply(Cover([BoundingBox(minX: .nan, minY: 0, maxX: 5, maxY: 5)], by: method))
            #expect((0..<13).allSatisfy { all[$0, 6] != [255, 0, 255] && all[$0, 6] != [0, 255, 0] })
        }
    }

    @Test(arguments: Privacy.Method.allCases)
    func picturesOfOnePixelAndOfOneRowAreCovered(method: Privacy.Method) {
        for size in [(1, 1), (1, 300), (300, 1), (2, 3)] {
            let pixels = Pixels(size.0, size.1) { x, y in (x + y) % 2 == 0 ? (200, 100, 0) : (0, 100, 200) }
            pixels.apply(Cover([BoundingBox(minX: 0, minY: 0, maxX: 300, maxY: 300)], by: method))
            #expect(pixels.isMarginUntouched)
            let colors = Set((0..<size.0).flatMap { x in (0..<size.1).map { pixels[x, $0] } })
            #expect(colors.count <= 12 || method == .blur)
        }
    }
    /// Planes of a picture, each with a margin that nobody may write to.
    private static func planes(
        _ width: Int, _ height: Int, _ cover: Cover, black: UInt8
    ) -> (planes: [[UInt8]], isMarginUntouched: Bool) {
        let sides = [(width, height), ((width + 1) / 2, (height + 1) / 2), ((width + 1) / 2, (height + 1) / 2)]
        var memory = sides.map { [UInt8](repeating: 77, count: $0.0 * $0.1 + 2 * 512) }
        let bases = memory.indices.map { index in
            memory[index].withUnsafeMutableBufferPointer { buffer in
                let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: buffer.count)
                _ = copy.initialize(from: buffer)
                for y in 0..<sides[index].1 {
                    for x in 0..<sides[index].0 { copy[512 + y * sides[index].0 + x] = (x + y) % 2 == 0 ? 255 : 0 }
                }
                return copy
            }
        }
        defer { for base in bases { base.deallocate() } }
        let targets = zip(bases, sides).map { base, side in
            PlaneTarget(
                base: base.baseAddress! + 512, bytesPerRow: side.0, size: PixelSize(width: side.0, height: side.1))
        }
        cover.apply(to: PlanarTarget(luma: targets[0], chromaU: targets[1], chromaV: targets[2]), black: black)
        for index in memory.indices { memory[index] = Array(bases[index]) }
        let isUntouched = memory.allSatisfy { ($0.prefix(512) + $0.suffix(512)).allSatisfy { $0 == 77 } }
        return (memory.map { Array($0.dropFirst(512).dropLast(512)) }, isUntouched)
    }

    /// In each plane nothing fine is left of the place, and nothing else is touched.
    @Test(arguments: Privacy.Method.allCases, [(120, 120), (121, 119)])
    func planesAreCoveredWhereTheyShowThePlace(method: Privacy.Method, size: (Int, Int)) {
        let (planes, isUntouched) = Self.planes(size.0, size.1, Cover([Self.place], by: method), black: 16)
        #expect(isUntouched)
        for (index, plane) in planes.enumerated() {
            let shift = index == 0 ? 1 : 2, width = index == 0 ? size.0 : (size.0 + 1) / 2
            for (position, sample) in plane.enumerated() {
                let (x, y) = (position % width * shift, position / width * shift)
                let expected = method == .mask ? (index == 0 ? 16 : 128) : 127
                if (30..<90).contains(x), (20..<100).contains(y) {
                    #expect(abs(Int(sample) - expected) <= 8, "\(method) leaves \(x), \(y) of plane \(index)")
                } else if !(24..<96).contains(x) || !(14..<106).contains(y) {
                    #expect(sample == 0 || sample == 255, "\(method) changes \(x), \(y) of plane \(index)")
                }
            }
        }
    }

    /// Of whatever is no box all is covered, in the smallest planes too.
    @Test func whateverABoxHoldsNothingIsWrittenOutsideThePlanes() {
        for value in [-1e30, -50, 3.5, 200, .infinity, .nan] as [Float] {
            for method in Privacy.Method.allCases {
                for size in [(1, 1), (1, 40), (13, 7)] {
                    let box = BoundingBox(minX: value, minY: 0, maxX: 5, maxY: value)
                    #expect(Self.planes(size.0, size.1, Cover([box], by: method), black: 0).isMarginUntouched)
                }
            }
        }
    }

    @Test func placesWithinOthersAreLeftOut() {
        func box(_ x: Float, _ y: Float, _ side: Float) -> BoundingBox {
            BoundingBox(minX: x, minY: y, maxX: x + side, maxY: y + side)
        }
        let places = [box(10, 10, 20), box(0, 0, 40), box(30, 0, 20), box(0, 0, 40), box(0, 20, 20), box(90, 0, 20)]
        #expect(places.outermost == [box(0, 0, 40), box(30, 0, 20), box(90, 0, 20)])
        #expect([box(5, 5, 5), box(5, 5, 5), box(5, 5, 5)].outermost == [box(5, 5, 5)])
        #expect([BoundingBox]().outermost.isEmpty)
    }
}
