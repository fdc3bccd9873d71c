// swift-tools-version: 6.1
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// The shelves, which are the folders of `Sources` and `Tests`, from the bottom up: a target imports from its own shelf or
/// from those before it.
enum Shelf: String {
    case c = "C"
    case words = "Words"
    case frame = "Frame"
    case keep = "Keep"
    case work = "Work"
    case doors = "Doors"
    case top = "Top"
    case testing = "Testing"
}

/// A target of ours: strict settings, dependencies named one by one so that the import check can hold them to it.
func room(_ shelf: Shelf, _ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(shelf.rawValue)/\(name)", swiftSettings: settings)
}
/// A C library that the system has; imported by the rooms that name it only.
func library(_ name: String, pkgConfig: String? = nil, packages: [String]) -> Target {
    .systemLibrary(name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig, providers: [.apt(packages)])
}
func tests(_ shelf: Shelf, _ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/\(shelf.rawValue)/\(name)", swiftSettings: settings)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite3 = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioWebSocket = Target.Dependency.product(name: "NIOWebSocket", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1 = Target.Dependency.product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")

let package = Package(
    name: "sightline",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "sightline", targets: ["Main"]),
        .executable(name: "sightline-render-sample", targets: ["SampleRenderer"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.0.0"),
        .package(url: "https://github.com/apple/swift-crypto", "3.0.0"..<"5.0.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.81.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.25.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.0.0"),
        // One trait at most: of several, SwiftPM writes the compiler's flags in a new order each time it starts, and builds all
        // of Hummingbird anew.
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: ["FullFoundation"]),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        library(
            "CFFmpeg", pkgConfig: "libavformat",
            packages: ["libavformat-dev", "libavcodec-dev", "libavutil-dev", "libswscale-dev"]),
        library("CYUV", packages: ["libyuv-dev"]),
        library("CTurboJPEG", pkgConfig: "libturbojpeg", packages: ["libturbojpeg0-dev"]),
        library("CSodium", pkgConfig: "libsodium", packages: ["libsodium-dev"]),
        library("CMosquitto", packages: ["libmosquitto-dev"]),
        library("CZlib", packages: ["zlib1g-dev"]),
        library("CExpat", packages: ["libexpat1-dev"]),
        library("CArchive", packages: ["libarchive-dev"]),
        library("CPQ", pkgConfig: "libpq", packages: ["libpq-dev"]),
        library("CSystemd", pkgConfig: "libsystemd", packages: ["libsystemd-dev"]),
        library("CSeccomp", packages: ["libseccomp-dev"]),
        .target(name: "CSandbox", path: "Sources/C/CSandbox"),
        // Optimised in debug builds too: it is what a search spends its time in.
        .target(
            name: "CDotProducts", path: "Sources/C/CDotProducts",
            cSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))]),
        .target(name: "COpenVINO", path: "Sources/C/COpenVINO", linkerSettings: [.linkedLibrary("dl")]),

        // Values; no I/O.
        room(.words, "JSON"),
        room(.words, "XML", ["CExpat"]),
        room(.words, "Scene"),
        room(.words, "Records", ["JSON", "Scene"]),

        // The way of a frame, in its order.
        room(.frame, "Addresses"),
        room(.frame, "Frames", ["Records", "Scene"]),
        room(.frame, "Media", ["Addresses", "Frames", "Records", "Scene", "CFFmpeg", "CYUV", "CTurboJPEG"]),
        room(.frame, "Archives", ["CArchive"]),
        room(
            .frame, "DecodeWorker",
            ["Addresses", "Archives", "Frames", "Media", "Records", "Scene", "CSandbox", "CSeccomp"]),
        room(.frame, "Inference", ["Frames", "JSON", "Records", "Scene", "CSodium"]),
        room(.frame, "InferenceEngine", ["Inference", "Scene", "COpenVINO"]),
        room(.frame, "Models", ["Frames", "Inference", "InferenceEngine", "Records", "Scene"]),
        room(.frame, "Tracking", ["Records", "Scene"]),
        room(.frame, "Covering", ["Frames", "Scene", "Tracking"]),
        room(.frame, "Analytics", ["JSON", "Records", "Scene"]),
        room(
            .frame, "Pipeline",
            ["Analytics", "Covering", "Frames", "Inference", "JSON", "Records", "Scene", "Tracking"]),

        // What survives a restart.
        room(.keep, "SQL", ["Records"]),
        room(.keep, "SQLite", ["Records", "SQL", grdb, sqlite3]),
        room(.keep, "Postgres", ["Records", "SQL", "CPQ", "CSandbox"]),
        room(.keep, "Sealing", ["CSodium"]),
        room(.keep, "ObjectStore"),
        room(.keep, "Matching", ["Records", "CDotProducts"]),
        room(
            .keep, "Store",
            [
                "JSON", "Matching", "ObjectStore", "Postgres", "Records", "SQL", "SQLite", "Scene", "Sealing",
                "CSodium", "CZlib",
            ]),
        room(.keep, "Identity", ["Records", "Store", "CSodium", jwtKit]),

        // What runs by itself.
        room(
            .work, "Streams",
            ["Analytics", "Frames", "JSON", "Pipeline", "Records", "Scene", "Store", lifecycle, logging]),
        room(
            .work, "Notifications",
            [
                "Addresses", "JSON", "Records", "Store", "CMosquitto", "CSodium", lifecycle, logging, nioCore, nioHTTP1,
                nioPosix, nioSSL,
            ]),
        room(
            .work, "Recognition",
            [
                "Analytics", "Covering", "Frames", "Inference", "JSON", "Media", "ObjectStore", "Records", "Scene",
                "Store", "Tracking",
            ]),
        room(
            .work, "Jobs",
            [
                "Analytics", "Archives", "Frames", "Inference", "JSON", "Media", "Notifications", "ObjectStore",
                "Pipeline", "Recognition", "Records", "Scene", "Store",
                "XML", "CSodium", lifecycle, logging, "Covering", "Tracking", "CZlib",
            ]),
        room(.work, "Discovery", ["Addresses", "Notifications", "Records", "XML", crypto]),
        room(
            .work, "Probing",
            ["Analytics", "Frames", "Inference", "JSON", "Media", "Pipeline", "Records", "Scene"]),
        room(.work, "Housekeeping", ["Records", "Store", lifecycle, logging]),

        // Who comes in.
        room(
            .doors, "HTTPEdge",
            [
                "Addresses", "JSON", "Records", httpTypes, hummingbird, hummingbirdCore, lifecycle, logging, nioCore,
                nioHTTP1, nioHTTPTypes, nioHTTPTypesHTTP1, nioSSL, nioWebSocket, "CZlib",
            ]),
        room(
            .doors, "ObjectTransfer",
            ["HTTPEdge", "ObjectStore", "Records", "Store", httpTypes, hummingbird, nioCore]),
        room(
            .doors, "JobDoors",
            [
                "Addresses", "HTTPEdge", "Identity", "JSON", "Jobs", "Notifications", "ObjectStore", "ObjectTransfer",
                "Records", "Scene", "Store", crypto, httpTypes, hummingbird, logging, nioCore,
            ]),
        room(
            .doors, "Console",
            ["HTTPEdge", "Records", crypto, httpTypes, hummingbird, nioCore, "CZlib"]),
        room(
            .doors, "API",
            [
                "Addresses", "Analytics", "Discovery", "Frames", "HTTPEdge", "Identity", "JSON", "Jobs", "Media",
                "Notifications", "ObjectStore", "ObjectTransfer",
                "Pipeline", "Probing", "Recognition", "Records", "Scene", "Store", "Streams", httpTypes, hummingbird,
                logging,
                nioCore,
            ]),

        room(
            .top, "Setup",
            [
                "API", "Addresses", "Analytics", "Console", "Discovery", "HTTPEdge", "Housekeeping", "Inference",
                "JSON", "JobDoors", "Jobs", "Media", "Models", "Notifications",
                "Pipeline", "Records", "Scene", "Store", "Streams", "Tracking", configuration, logging,
            ]),
        room(
            .top, "Daemon",
            [
                "API", "Analytics", "Console", "DecodeWorker", "Frames", "HTTPEdge", "Housekeeping", "Identity",
                "Inference", "JSON", "JobDoors", "Jobs", "Media", "Models", "Notifications", "Pipeline", "Probing",
                "Recognition", "Records", "Scene", "Sealing",
                "Setup", "Store", "Streams", "CSystemd", lifecycle, logging, unixSignals,
            ]),
        room(
            .top, "Tools",
            [
                "Addresses", "Analytics", "Covering", "DecodeWorker", "Discovery", "Frames", "HTTPEdge", "Inference",
                "JSON", "Media",
                "Models", "Notifications", "Pipeline", "Probing", "Recognition", "Records", "Scene", "Setup", "Store",
            ]),
        .executableTarget(
            name: "Main",
            dependencies: [
                "Analytics", "Daemon", "DecodeWorker", "Discovery", "JobDoors", "Probing", "Records", "Scene", "Setup",
                "Tools",
                argumentParser, logging,
            ],
            path: "Sources/Top/Main", swiftSettings: settings),

        // Renders the sample's footage. Optimised in debug builds too: it would take an hour there.
        .executableTarget(
            name: "SampleRenderer", dependencies: ["ProcessSupport"], path: "Sources/Testing/SampleRenderer",
            swiftSettings: settings + [.unsafeFlags(["-O"], .when(configuration: .debug))]),
        .executableTarget(
            name: "EchoEnd", dependencies: ["HTTPEdge", "JSON", httpTypes, lifecycle, logging, unixSignals],
            path: "Sources/Testing/EchoEnd", swiftSettings: settings),
        .executableTarget(
            name: "FuzzTarget", dependencies: ["Addresses", "DecodeWorker", "Frames", "Media", "Records", "Scene"],
            path: "Sources/Testing/FuzzTarget", swiftSettings: settings),
        .target(name: "CPowerCut", path: "Sources/Testing/CPowerCut", linkerSettings: [.linkedLibrary("sqlite3")]),
        room(.testing, "CameraSupport", [crypto]),
        room(.testing, "DoorSupport", ["HTTPEdge", "JSON", "LogSupport", lifecycle, logging, nioCore, nioPosix]),
        room(.testing, "KeepSupport", ["Identity", "JSON", "ProcessSupport", "Records", "Store"]),
        room(.testing, "LogSupport", [logging]),
        room(.testing, "ProcessSupport", ["CSandbox"]),
        room(.testing, "WorkerSupport", ["DecodeWorker", "Media"]),
        room(.testing, "TestSupport", ["CZlib", "Analytics", "Frames", "Inference", "JSON", "Records", "Scene"]),

        tests(.words, "JSONTests", ["JSON"]),
        tests(.words, "SceneTests", ["Scene"]),
        tests(.words, "RecordsTests", ["JSON", "Records", "Scene"]),
        tests(.frame, "AddressesTests", ["Addresses"]),
        tests(.frame, "FramesTests", ["Frames", "Scene"]),
        tests(
            .frame, "MediaTests",
            [
                "Addresses", "CameraSupport", "DecodeWorker", "Frames", "Main", "Media", "ProcessSupport", "Records",
                "Scene", "WorkerSupport",
            ]),
        tests(
            .frame, "ArchivesTests", ["Archives", "DecodeWorker", "Main", "Media", "TestSupport", "WorkerSupport"]),
        tests(
            .frame, "DecodeWorkerTests",
            ["DecodeWorker", "Frames", "Main", "Media", "ProcessSupport", "Records", "Scene", "WorkerSupport"]),
        tests(.frame, "TrackingTests", ["Scene", "Tracking"]),
        tests(.frame, "CoveringTests", ["Covering", "Frames", "Scene", "Tracking"]),
        tests(.frame, "InferenceTests", ["Frames", "Inference", "JSON", "Scene", "TestSupport"]),
        tests(.frame, "InferenceEngineTests", ["Inference", "InferenceEngine", "Scene"]),
        tests(
            .frame, "ModelsTests",
            ["Frames", "Inference", "InferenceEngine", "Models", "Records", "Scene", "TestSupport"]),
        tests(.frame, "AnalyticsTests", ["Analytics", "JSON", "ProcessSupport", "Records", "Scene"]),
        tests(
            .frame, "PipelineTests",
            ["Analytics", "Frames", "Inference", "JSON", "Pipeline", "Records", "Scene", "TestSupport", "Tracking"]),
        tests(.keep, "SQLTests", ["KeepSupport", "Records", "SQL", "SQLite"]),
        tests(.keep, "PostgresTests", ["KeepSupport", "Postgres", "Records", "SQL"]),
        tests(.keep, "SealingTests", ["Sealing"]),
        tests(.keep, "MatchingTests", ["Matching", "Records"]),
        tests(.keep, "ObjectStoreTests", ["KeepSupport", "ObjectStore"]),
        tests(
            .keep, "StoreTests",
            [
                "CPowerCut", "JSON", "KeepSupport", "Matching", "ObjectStore", "Postgres", "Records", "SQL", "SQLite",
                "Scene",
                "Sealing",
                "Store", grdb,
            ]),
        tests(.keep, "IdentityTests", ["Identity", "KeepSupport", "Records", "SQL", "Store"]),
        tests(
            .work, "StreamsTests",
            [
                "Addresses", "Analytics", "DecodeWorker", "Frames", "Inference", "JSON", "KeepSupport", "LogSupport",
                "Main", "Media", "Pipeline", "ProcessSupport", "Records", "Scene", "Store", "Streams", "TestSupport",
                "WorkerSupport", logging,
            ]),
        tests(
            .work, "JobsTests",
            [
                "Analytics", "Frames", "Inference", "JSON", "Jobs", "KeepSupport", "Notifications", "ObjectStore",
                "Pipeline", "Records",
                "Scene", "Store", "TestSupport", logging,
            ]),
        tests(
            .work, "RecognitionTests",
            ["Covering", "Frames", "Inference", "Media", "Models", "Recognition", "Scene", "TestSupport", "Tracking"]),
        tests(
            .work, "ProbingTests",
            [
                "Addresses", "Analytics", "CameraSupport", "Frames", "Inference", "JSON", "Main", "Media", "Pipeline",
                "Probing", "ProcessSupport", "Records", "Scene", "TestSupport", "WorkerSupport",
            ]),
        tests(.work, "DiscoveryTests", ["Addresses", "CameraSupport", "Discovery", "Tools"]),
        tests(
            .work, "HousekeepingTests",
            ["Housekeeping", "JSON", "KeepSupport", "ObjectStore", "Records", "Scene", "Store", logging]),
        tests(
            .work, "NotificationsTests",
            [
                "Addresses", "CMosquitto", "CameraSupport", "JSON", "KeepSupport", "LogSupport", "Notifications",
                "ProcessSupport", "Records", "Scene", "Store", logging, nioCore, nioEmbedded,
            ]),
        tests(
            .doors, "HTTPEdgeTests",
            ["Addresses", "DoorSupport", "HTTPEdge", "JSON", "LogSupport", "ProcessSupport", httpTypes, hummingbird]),
        tests(
            .doors, "ConsoleTests", ["CZlib", "Console", "DoorSupport", "HTTPEdge", "JSON", httpTypes]),
        tests(
            .doors, "JobDoorsTests",
            [
                "Addresses", "Archives", "DoorSupport", "Frames", "HTTPEdge", "Identity", "Inference", "JSON",
                "JobDoors", "Jobs", "KeepSupport", "Media", "Notifications", "ProcessSupport", "Recognition", "Records",
                "SQL", "Scene", "Store", "TestSupport", "Tracking", crypto, httpTypes, logging,
            ]),
        tests(
            .doors, "APITests",
            [
                "API", "Addresses", "Analytics", "CameraSupport", "DecodeWorker", "Discovery", "DoorSupport", "Frames",
                "HTTPEdge", "Identity", "Inference", "JSON", "Jobs", "LogSupport", "Main", "Media", "Notifications",
                "ObjectStore", "Pipeline", "Probing",
                "ProcessSupport", "Recognition", "Records", "Scene", "Sealing", "Store", "Streams", "TestSupport",
                "WorkerSupport", httpTypes, logging,
            ]),
        tests(
            .top, "SetupTests",
            [
                "API", "Addresses", "HTTPEdge", "Housekeeping", "Inference", "JSON", "LogSupport", "Media",
                "Models",
                "Notifications", "Pipeline", "Records", "Setup", "Store", "Streams", "Tracking", logging,
            ]),
        tests(
            .top, "ToolsTests",
            [
                "Analytics", "Frames", "Inference", "JSON", "Media", "Pipeline", "Records", "Scene", "TestSupport",
                "Tools",
            ]),
        tests(
            .top, "EndToEndTests",
            [
                "CameraSupport", "DoorSupport", "JSON", "KeepSupport", "Main", "ProcessSupport", "Records",
                "SampleRenderer", "Scene", "Store",
            ]),
    ]
)
