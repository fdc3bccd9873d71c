// swift-tools-version: 6.1
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A target of ours: strict settings, dependencies named one by one so that the import check can hold them to it.
func layer(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
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
        .package(url: "https://github.com/apple/swift-http-types", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.81.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.25.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.0.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.16.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // C, each imported by one target only.
        .systemLibrary(
            name: "CFFmpeg", pkgConfig: "libavformat",
            providers: [.apt(["libavformat-dev", "libavcodec-dev", "libavutil-dev", "libswscale-dev"])]),
        .systemLibrary(name: "CYUV", providers: [.apt(["libyuv-dev"])]),
        .systemLibrary(name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .target(name: "COpenVINO", linkerSettings: [.linkedLibrary("dl")]),

        // The way of a frame, in its order.
        layer("JSON"),
        layer("Scene", ["JSON"]),
        layer("Frames", ["Scene"]),
        layer("Media", ["Frames", "Scene", "CFFmpeg", "CYUV", "CTurboJPEG"]),
        layer("Inference", ["Frames", "JSON", "Scene"]),
        layer("InferenceEngine", ["Inference", "Frames", "Scene", "COpenVINO", "CSodium"]),
        layer("Tracking", ["Scene"]),
        layer("Analytics", ["JSON", "Scene"]),
        layer("Pipeline", ["Analytics", "Frames", "Inference", "JSON", "Scene", "Tracking", logging]),
        layer("Store", ["JSON", "Scene", "CSodium", grdb, jwtKit]),
        layer(
            "API",
            [
                "Analytics", "JSON", "Pipeline", "Scene", "Store", httpTypes, hummingbird, hummingbirdCore, lifecycle,
                logging, nioCore, nioHTTP1, nioHTTPTypes, nioHTTPTypesHTTP1, nioWebSocket,
            ]),
        layer(
            "Daemon",
            [
                "API", "Analytics", "Frames", "Inference", "InferenceEngine", "JSON", "Media", "Pipeline", "Scene",
                "Store", "Tracking", configuration, lifecycle, logging, unixSignals,
            ]),
        .executableTarget(
            name: "Main", dependencies: ["Daemon", argumentParser, logging], swiftSettings: settings),
        // Renders the sample's footage. Optimised in debug builds too: it would take an hour there.
        .executableTarget(
            name: "SampleRenderer", swiftSettings: settings + [.unsafeFlags(["-O"], .when(configuration: .debug))]),
        layer("TestSupport", ["Frames", "Inference", "JSON", "Scene"]),

        tests("JSONTests", ["JSON"]),
        tests("SceneTests", ["JSON", "Scene"]),
        tests("FramesTests", ["Frames", "Scene"]),
        tests("MediaTests", ["Frames", "Media", "Scene"]),
        tests("InferenceTests", ["Frames", "Inference", "JSON", "Scene"]),
        tests("InferenceEngineTests", ["Frames", "Inference", "InferenceEngine", "Scene", "TestSupport"]),
        tests("TrackingTests", ["Scene", "Tracking"]),
        tests("AnalyticsTests", ["Analytics", "JSON", "Scene"]),
        tests(
            "PipelineTests",
            ["Analytics", "Frames", "Inference", "JSON", "Pipeline", "Scene", "TestSupport", "Tracking", logging]),
        tests("StoreTests", ["JSON", "Scene", "Store", grdb]),
        tests(
            "APITests",
            [
                "API", "Analytics", "JSON", "Pipeline", "Scene", "Store", httpTypes, lifecycle, logging, nioCore,
                nioPosix,
            ]),
        tests(
            "DaemonTests",
            ["API", "Daemon", "Inference", "JSON", "Media", "Pipeline", "Scene", "Store", "Tracking", logging]),
        tests("EndToEndTests", ["JSON", "Main", "SampleRenderer", "Scene", "Store"]),
    ]
)
