public import Foundation
import Inference
import Records
import Scene

/// Where the files lie that come with the program: `analytics/` and the engine's libraries.
public struct Installation: Sendable {
    /// Holds `analytics/`.
    public let home: URL

    /// Looks at `given`, else at the folders above the running program (a checkout: `.build/release/sightline`), else
    /// at `share/sightline` beside its `bin` (an installation).
    init(given: String?) throws(SettingsError) {
        let wanted = "the folder that holds 'analytics' (a checkout of Sightline, or its installed share folder)"
        if let given {
            let folder = URL(fileURLWithPath: given)
            guard Self.isHome(folder) else { throw SettingsError(key: "home", found: given, wanted: wanted) }
            home = folder
            return
        }
        let program = Self.program
        var candidates = [program.deletingLastPathComponent().appending(path: "../share/sightline").standardizedFileURL]
        var folder = program.deletingLastPathComponent()
        while folder.pathComponents.count > 1 {
            candidates.append(folder)
            folder = folder.deletingLastPathComponent()
        }
        guard let found = candidates.first(where: Self.isHome) else {
            throw SettingsError(key: "home", found: "not set, and nothing found above \(program.path)", wanted: wanted)
        }
        home = found
    }

    public var analytics: URL { home.appending(path: "analytics") }
    var engine: URL { home.appending(path: ".deps/openvino") }
    public var documents: URL { home.appending(path: "api") }
    /// The pages of the console.
    public var console: URL { home.appending(path: "console") }
    /// Swagger UI, where `scripts/setup` leaves it.
    public var viewer: URL { home.appending(path: ".deps/swagger-ui") }
    /// The rendered sample, where `make run` and `make bench` leave it.
    public var sampleClip: URL { home.appending(path: "samples/.rendered/lobby.mp4") }
    /// The card of a bundled model.
    func model(_ name: DetectorModel) -> URL { analytics.appending(path: "models/person-\(name.rawValue).json") }

    /// The card of the model that finds faces.
    var faceModel: URL { analytics.appending(path: "models/face.json") }
    /// The card of the model that says what the thing in a picture is.
    var thingModel: URL { analytics.appending(path: "models/things.json") }
    var facePointsModel: URL { analytics.appending(path: "models/face-points.json") }
    var descriptorModel: URL { analytics.appending(path: "models/face-descriptor.json") }
    /// Of what is estimated of faces.
    var estimatorModels: [EstimatorCard.Head: URL] {
        let names: [EstimatorCard.Head: String] = [
            .emotions: "face-emotions", .age: "face-age", .gender: "face-gender", .faceMesh: "face-mesh",
            .iris: "face-iris",
        ]
        return names.mapValues { analytics.appending(path: "models/\($0).json") }
    }
    var facesAgainModel: URL { analytics.appending(path: "models/face-again.json") }

    private static func isHome(_ folder: URL) -> Bool {
        FileManager.default.fileExists(atPath: folder.appending(path: "analytics/models").path)
    }
    /// The running program, symbolic links followed.
    private static var program: URL {
        let path =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: path).resolvingSymlinksInPath()
    }
}
