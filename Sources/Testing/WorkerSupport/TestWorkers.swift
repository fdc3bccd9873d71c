package import DecodeWorker
import Foundation
package import Media

/// Openers whose workers are processes of the `sightline` command that was built beside the tests.
package enum TestWorkers {
    /// One for all tests: its process ends with theirs.
    package static let launcher = WorkerLauncher(executable: executable)
    package static let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent()
        .appending(path: "sightline").path(percentEncoded: false)

    /// As `configuration` has it; with SIGHTLINE_TEST_ISOLATION=none every source is decoded in the tests' own process.
    package static func opener(_ configuration: MediaConfiguration, trap: WorkerTrap? = nil) -> SourceOpener {
        var configuration = configuration
        if trap == nil, ProcessInfo.processInfo.environment["SIGHTLINE_TEST_ISOLATION"] == "none" {
            configuration.isolation = .none
        }
        var opener = SourceOpener(configuration, launcher: launcher)
        opener.trap = trap
        return opener
    }
}
