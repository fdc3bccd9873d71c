import Foundation
import Records
import Testing

struct DescriptorTests {
    /// The first of `count` axes, turned by so many degrees towards the second.
    private static func turned(_ degrees: Double, length: Float = 1) throws -> Descriptor {
        var values = [Float](repeating: 0, count: Descriptor.count)
        values[0] = Float(cos(degrees * .pi / 180)) * length
        values[1] = Float(sin(degrees * .pi / 180)) * length
        return try #require(Descriptor(values))
    }

    @Test(arguments: [(0, 1), (60, 0.5), (90, 0), (120, -0.5), (180, -1)] as [(Double, Double)])
    func theCosineIsThatOfTheAngleWhateverTheLengths(degrees: Double, expected: Double) throws {
        for length: Float in [1, 0.01, 1e30, 1e-30] {
            let cosine = try Self.turned(0).cosine(to: Self.turned(degrees, length: length))
            #expect(abs(cosine - expected) < 1e-6)
        }
    }

    @Test func whatIsNoDirectionIsNoDescriptor() {
        let zeros = [Float](repeating: 0, count: Descriptor.count)
        #expect(Descriptor(zeros) == nil)
        #expect(Descriptor([Float](repeating: 1, count: Descriptor.count - 1)) == nil)
        #expect(Descriptor([Float](repeating: 1, count: Descriptor.count + 1)) == nil)
        for wrong in [Float.nan, .infinity] {
            var values = zeros
            values[5] = wrong
            #expect(Descriptor(values) == nil)
        }
    }

    @Test func theMeanOfSeveralIsADirectionAndCountsEachAsMuchAsItIsWorth() throws {
        let (right, up) = (try Self.turned(0, length: 5), try Self.turned(90, length: 0.1))
        let half = try #require(Descriptor.mean(of: [(right, 0.5), (up, 0.5)]))
        #expect(abs(half.cosine(to: try Self.turned(45)) - 1) < 1e-6)
        #expect(abs(half.values.reduce(0) { $0 + $1 * $1 } - 1) < 1e-6)
        let third = try #require(Descriptor.mean(of: [(right, 3), (up, 3.0.squareRoot())]))
        #expect(abs(third.cosine(to: try Self.turned(30)) - 1) < 1e-6)
        let alone = try #require(Descriptor.mean(of: [(right, 1), (up, 0)]))
        #expect(abs(alone.cosine(to: right) - 1) < 1e-6)
        #expect(Descriptor.mean(of: []) == nil && Descriptor.mean(of: [(right, 0)]) == nil)
        #expect(Descriptor.mean(of: [(right, 1), (try Self.turned(180), 1)]) == nil)
    }

    @Test func itsVersionIsNoneOfTheContract() {
        let faces = [46, 52, 54, 56, 57, 58, 59, 60, 62, 64], bodies = Array(102...107) + [110, 115, 116]
        #expect(!(faces + bodies).contains(Descriptor.version))
    }

    // MARK: Bytes

    @Test func bothFormsComeBackAsTheyWere() throws {
        let descriptor = try #require(Descriptor((0..<Descriptor.count).map { Float($0) * 0.25 - 7 }))
        #expect(descriptor.bytes.count == 512)
        #expect(descriptor.bytes.prefix(8) == [0, 0, 0xe0, 0xc0, 0, 0, 0xd8, 0xc0])  // -7 and -6.75, little-endian
        #expect(try Descriptor(bytes: descriptor.bytes) == descriptor)
        let form = descriptor.sdkForm
        #expect(form.prefix(8) == [0x53, 0x4c, 0x46, 0x44, 0xe9, 3, 0, 0])
        #expect(Array(form.dropFirst(8)) == descriptor.bytes)
        #expect(try Descriptor(sdkForm: form) == descriptor)
    }

    @Test func whatIsWrongWithBytesIsTold() throws {
        let form = try Self.turned(30).sdkForm
        func flaw(_ form: [UInt8]) -> Descriptor.Flaw? {
            do { _ = try Descriptor(sdkForm: form) } catch { return error }
            return nil
        }
        #expect(flaw([]) == .signature)
        #expect(flaw(Array(form.prefix(7))) == .signature)
        #expect(flaw([0x64] + form.dropFirst()) == .signature)
        #expect(flaw(form.prefix(4) + [59, 0, 0, 0] + form.dropFirst(8)) == .version(59))
        #expect(flaw(Array(form.dropLast())) == .length(511))
        #expect(flaw(form + [0]) == .length(513))
        #expect(flaw(form.prefix(8) + [UInt8](repeating: 0, count: 512)) == .values)
        #expect(flaw(form.dropLast(4) + [0, 0, 0xc0, 0x7f]) == .values)  // the last is no number
    }
}

struct SimilarityTests {
    @Test(
        arguments: [(-1, 0), (-0.2, 0), (0, 0), (0.1815, 0.45), (0.3267, 0.81), (0.363, 0.9), (0.6815, 0.95), (1, 1)]
            as [(Double, Double)])
    func theContractsDefaultsAreCosinesThatMeanSomething(cosine: Double, similarity: Double) {
        #expect(abs(Similarity.of(cosine: cosine) - similarity) < 1e-12)
        if cosine >= 0 { #expect(abs(Similarity.cosine(of: similarity) - cosine) < 1e-12) }
    }

    @Test func itGrowsWithTheCosine() {
        let similarities = stride(from: 0.0, through: 1, by: 0.001).map(Similarity.of(cosine:))
        #expect(zip(similarities, similarities.dropFirst()).allSatisfy { $0 < $1 })
        #expect(similarities.allSatisfy { (0...1).contains($0) })
        #expect(Similarity.of(cosine: 1.000001) == 1)
    }
}
