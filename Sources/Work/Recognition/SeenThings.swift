public import Inference

/// What a classifier says of a picture.
public struct SeenThings: Hashable, Sendable {
    /// Of each class, in their order.
    public let probabilities: [Float]
    public let taxonomy: Taxonomy
    /// - Parameter probabilities: as many as the taxonomy has classes.
    public init(probabilities: [Float], taxonomy: Taxonomy) {
        precondition(probabilities.count == taxonomy.classCount, "each class has one probability")
        (self.probabilities, self.taxonomy) = (probabilities, taxonomy)
    }
}

/// A class, as the classifier calls it.
public struct ThingClass: Hashable, Sendable {
    /// In the classifier's order.
    public let index: Int
    public let name: String
    /// `0...1`.
    public let probability: Float
}

/// Something that a picture shows, and what that is a kind of.
public struct ThingLabel: Hashable, Sendable {
    /// Each word begins with a capital letter: `Egyptian Cat`.
    public let name: String
    /// `0...100`.
    public let confidence: Double
    /// All that it is a kind of, near to far, each name once.
    public let parents: [String]
    public init(name: String, confidence: Double, parents: [String]) {
        (self.name, self.confidence, self.parents) = (name, confidence, parents)
    }
}

extension SeenThings {
    /// The likeliest classes, the likeliest first.
    public func classes(_ count: Int) -> [ThingClass] {
        let order = probabilities.indices.sorted {
            (probabilities[$1], $0) < (probabilities[$0], $1)
        }
        return order.prefix(count).map {
            ThingClass(index: $0, name: taxonomy.kinds[$0].name, probability: probabilities[$0])
        }
    }

    /// Classes and what they are kinds of, the surest first: of each kind the sum of its classes, so that a dog of which nobody can say the
    /// breed is a dog.
    /// - Parameters:
    ///   - confidence: the least, `0...100`.
    ///   - count: how many at most.
    public func labels(from confidence: Double = 70, count: Int = 100) -> [ThingLabel] {
        let sums = kindProbabilities
        // The nearer one of two that are equally sure: it says more.
        let order = sums.indices.filter { sums[$0] * 100 >= confidence }.sorted {
            let (a, b) = (taxonomy.kinds[$0].ancestors.count, taxonomy.kinds[$1].ancestors.count)
            return (sums[$1], b, $0) < (sums[$0], a, $1)
        }
        var labels: [ThingLabel] = [], names: Set<String> = []
        for kind in order where labels.count < count {
            let name = capitalized(kind)
            // Two kinds that are called the same and both this sure are one above the other.
            guard names.insert(name).inserted else { continue }
            labels.append(
                ThingLabel(name: name, confidence: min(100, sums[kind] * 100), parents: parents(of: kind, name)))
        }
        return labels
    }

    private var kindProbabilities: [Double] {
        var sums = [Double](repeating: 0, count: taxonomy.kinds.count)
        for (index, probability) in probabilities.enumerated() {
            sums[index] += Double(probability)
            for ancestor in taxonomy.kinds[index].ancestors { sums[ancestor] += Double(probability) }
        }
        return sums
    }

    private func parents(of kind: Int, _ name: String) -> [String] {
        var seen: Set = [name]
        return taxonomy.kinds[kind].ancestors.map(capitalized).filter { seen.insert($0).inserted }
    }

    private func capitalized(_ kind: Int) -> String {
        taxonomy.kinds[kind].name.split(separator: " ").map { $0.prefix(1).uppercased() + $0.dropFirst() }
            .joined(separator: " ")
    }
}
