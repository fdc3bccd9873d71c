import Testing

/// What each command says of itself.
struct UsageTests {
    @Test(
        arguments: [
            ("serve", ["--data-dir", "--host", "--port", "--media-root", "--settings"]),
            ("account create", ["--login", "--type", "--password-stdin", "--data-dir", "--settings"]),
            ("account delete", ["--login", "--yes", "--data-dir", "--settings"]),
            ("key rotate", ["--new-key-stdin", "--data-dir", "--settings"]),
            ("store", ["backup", "restore", "recover"]), ("store backup", ["<folder>", "--data-dir", "--settings"]),
            ("store restore", ["<folder>", "--data-dir", "--settings"]),
            ("store recover", ["--to", "--data-dir", "--settings"]),
            ("job", ["list", "show", "follow", "cancel"]),
            ("job list", ["--states", "--limit", "--json", "--url", "--login", "--password-stdin", "--settings"]),
            ("job show", ["<id>", "--json", "--url", "--login", "--password-stdin", "--settings"]),
            ("job follow", ["<id>", "--url", "--login", "--password-stdin", "--settings"]),
            ("job cancel", ["<id>", "--url", "--login", "--password-stdin", "--settings"]),
            (
                "discover",
                ["--interface", "--address", "--seconds", "--login", "--password-stdin", "--settings"]
            ),
            (
                "probe",
                [
                    "<input>", "--input-stdin", "--type", "--login", "--password-stdin", "--analytic", "--json",
                    "--settings",
                ]
            ),
            (
                "analyze",
                [
                    "<input>", "--input-stdin", "--analytic", "--parameters", "--events", "--images", "--mot",
                    "--annotate", "--detections", "--why", "--blur", "--settings",
                ]
            ),
            ("bench", ["--clip", "--streams", "--seconds", "--json", "--settings"]),
            ("bench-events", ["--streams", "--seconds", "--data-dir", "--settings"]),
        ])
    func eachCommandTellsItsOwn(command: String, options: [String]) async throws {
        let words = command.split(separator: " ").map(String.init)
        for arguments in [words + ["--help"], words + ["-h"], ["help"] + words] {
            let outcome = try await Program.run("sightline", arguments)
            #expect(outcome.status == 0 && outcome.error.isEmpty, "\(arguments): \(outcome.error)")
            #expect(outcome.output.contains("USAGE: sightline \(command) "))
            let told = Set(
                outcome.output.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) })
            #expect(told.isSuperset(of: options), "\(arguments): \(outcome.output)")
        }
    }
}
