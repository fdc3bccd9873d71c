import JSON
public import Scene

/// One of the daemon's own analytics: its names, and how it is made from parameters. Each stands in the folder of its analytic;
/// what is published about it lies under `analytics/<name>`.
struct AnalyticKind: Sendable {
    /// `analytic_name` on the wire, and the folder.
    let name: String
    /// The name under which live messages carry its events.
    let resultName: String
    /// What of the published schema is otherwise without the models of faces: the value at each path; `nil` where there is none.
    var schemaWithoutFaces: [(path: [String], value: JSONValue?)] = []
    /// Refuses parameters by path, and what no model is there for.
    let prepare: @Sendable (JSONReader, Abilities) throws(JSONViolation) -> PreparedAnalytic

    /// All there are, in the order of the catalogue.
    static let all: [AnalyticKind] = [
        .peopleCount,
        .humanTracking,
    ]
}

/// What the models that are there can do, beside finding people.
public struct Abilities: Hashable, Sendable {
    public var findsFaces: Bool
    /// Whether a closer look at a face shows where its points are: the model that finds faces hardly sees that a head is tilted.
    public var findsFacePoints: Bool
    /// Whether a second look at a frame finds faces that the first has missed.
    public var findsFacesAgain: Bool
    /// What of faces there are models to estimate it.
    public var estimates: FaceEstimateSet
    public init(
        findsFaces: Bool = false, findsFacePoints: Bool = false, findsFacesAgain: Bool = false,
        estimates: FaceEstimateSet = []
    ) {
        (self.findsFaces, self.findsFacePoints) = (findsFaces, findsFacePoints)
        (self.findsFacesAgain, self.estimates) = (findsFacesAgain, estimates)
    }
}

extension AnalyticCatalogue {
    /// The daemon's own analytics, in the order of the catalogue.
    public static let ownNames = AnalyticKind.all.map(\.name)
    /// Those of them that follow each person by a number.
    public static let followingNames = AnalyticKind.all.filter { kind in
        (try? kind.prepare(JSONReader(.emptyObject), Abilities()))?.marking == .tracks
    }.map(\.name)
}
