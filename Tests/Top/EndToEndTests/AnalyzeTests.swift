import Foundation
import JSON
import Testing

/// The command line on rendered footage, with the real detector.
struct AnalyzeTests {
    /// Three frames of the sample, one of them cut in half, a link to nowhere, and a file that is no picture.
    @Test func peopleAreFoundInAFolderOfPictures() async throws {
        let clip = try await Footage.shared.clip()
        let work = TemporaryFolder(), folder = work.url.appending(path: "pictures/inner")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let film = try await Program.run(
            [
                "ffmpeg", "-v", "error", "-ss", "4", "-i", clip.path, "-frames:v", "2",
                folder.appending(path: "frame-%d.png").path,
            ])
        try #require(film.status == 0, "\(film.error)")
        let whole = try Data(contentsOf: folder.appending(path: "frame-1.png"))
        try whole.prefix(whole.count / 2).write(to: work.url.appending(path: "pictures/half.png"))
        try Data("no picture".utf8).write(to: work.url.appending(path: "pictures/note.txt"))
        try FileManager.default.createSymbolicLink(
            atPath: work.url.appending(path: "pictures/gone.png").path, withDestinationPath: "/nowhere.png")
        let file = work.url.appending(path: "detections.jsonl").path
        let outcome = try await Program.run(
            "sightline", ["analyze", work.url.appending(path: "pictures").path, "--detections", file])
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(outcome.output.contains("4 pictures in") && outcome.output.contains("not readable: 2"))
        let lines = try Self.lines(file).map { try JSONValue(parsing: Data($0.utf8)) }
        #expect(lines.map { $0["file"]?.string } == ["gone.png", "half.png", "inner/frame-1.png", "inner/frame-2.png"])
        #expect(lines[0]["error"] != nil && lines[1]["error"] != nil)
        for line in lines.dropFirst(2) {
            #expect((line["people_count"]?.integer ?? 0) > 0)
            #expect(line["detections"]?.array?.count == line["people_count"]?.integer.map { Int($0) })
            #expect(line["width"] != nil && line["faces"] != nil)
        }
        let refused = try await Program.run(
            "sightline",
            ["analyze", folder.path, "--mot", work.url.appending(path: "mot.txt").path, "--analytic", "human_tracking"])
        #expect(refused.status != 0 && refused.error.contains("is for video"))

        let link = work.url.appending(path: "link").path, picture = folder.appending(path: "frame-1.png").path
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: picture)
        for output in [["--detections", picture], ["--detections", link], ["--images", folder.path]] {
            let lost = try await Program.run(
                "sightline", ["analyze", work.url.appending(path: "pictures").path] + output)
            #expect(lost.status == 1 && lost.error.contains("\(output[0]) would write over the input"), "\(lost.error)")
        }
        #expect(try Data(contentsOf: folder.appending(path: "frame-1.png")) == whole)
    }

    /// The lines are written all the same.
    @Test func picturesOfWhichNoneCanBeReadAreAnError() async throws {
        let work = TemporaryFolder(), file = work.url.appending(path: "detections.jsonl").path
        try Data("no picture".utf8).write(to: work.url.appending(path: "a.jpg"))
        let reason = "The content was not recognised; wanted a picture: JPEG, PNG, BMP, TIFF, PPM or WebP."
        for (input, sentence) in [
            ("a.jpg", "a.jpg could not be read: \(reason)"),
            ("", "None of the 2 pictures could be read. The first, a.jpg: \(reason)"),
        ] {
            let outcome = try await Program.run(
                "sightline", ["analyze", work.url.appending(path: input).path, "--detections", file])
            #expect(outcome.status == 1 && outcome.error == "sightline: \(sentence)\n", "\(outcome.error)")
            let lines = try Self.lines(file).map { try JSONValue(parsing: Data($0.utf8)) }
            #expect(lines.count == (input.isEmpty ? 2 : 1) && lines[0]["error"] == .string(reason))
            try Data().write(to: work.url.appending(path: "b.png"))
        }
        let full = try await Program.run(
            "sightline", ["analyze", work.url.path, "--detections", "/dev/full"])
        #expect(
            full.status == 1
                && full.error == "sightline: The file /dev/full cannot be written: the disk is full.\n", "\(full.error)"
        )
    }

    @Test func peopleInTheSampleBecomeEventsTracksAndDetections() async throws {
        let clip = try await Footage.shared.clip()
        let work = TemporaryFolder()
        func path(_ name: String) -> String { work.url.appending(path: name).path }
        try Data(
            #"{"targets": ["overview", "aggregated_body_samples"], "parameters": {"image_retain_policy": {"mimetype": "PNG"}, "tracking": {"detector_type": "body"}}}"#
                .utf8
        ).write(to: work.url.appending(path: "parameters.json"))
        let outcome = try await Program.run(
            "sightline",
            [
                "analyze", clip.path, "--analytic", "human_tracking", "--parameters", path("parameters.json"),
                "--events", path("events.jsonl"), "--images", path("images"), "--mot", path("mot.txt"), "--detections",
                path("detections.jsonl"), "--annotate", path("annotated.mp4"), "--why", path("why.jsonl"),
            ])
        #expect(outcome.status == 0, "\(outcome.error)")

        let events = try Self.lines(path("events.jsonl")).map { try JSONValue(parsing: Data($0.utf8)) }
        #expect(!events.isEmpty)
        var images: Set<String> = []
        for event in events {
            #expect(event["event_type"] == "human_tracking")
            let segment = try #require(event["event"]?["video_segment"])
            let start = try #require(segment["start_time_offset"]?.double)
            let end = try #require(segment["end_time_offset"]?.double)
            #expect(start < end && end < 9.1)
            let image = try #require(event["event"]?["overview"]?["image"]?.string)
            let bytes = try Data(contentsOf: work.url.appending(path: "images/\(image)"))
            #expect(image.hasSuffix(".png") && bytes.starts(with: [0x89, 0x50]))
            images.insert(image)
            let detections = try #require(event["event"]?["detections"]?.array)
            let samples = try #require(event["event"]?["aggregate_estimations"]?["body"]?["samples"]?.array)
            #expect(detections.count == samples.count && samples.count <= 5)
            #expect(detections[0]["image_origin"] == .string(image), "the surest shot is of the frame that is kept")
            var scores: [Double] = []
            for (detection, sample) in zip(detections, samples) {
                let shown = try #require(detection["samples"]?["body"]?["detection"])
                let name = try #require(sample["image"]?.string)
                // Width and height of a PNG stand at its beginning; a person of the sample is smaller than the limit.
                let head = [UInt8](try Data(contentsOf: work.url.appending(path: "images/\(name)")))[16..<24]
                func side(_ index: Int) -> Int64 {
                    head.dropFirst(index * 4).prefix(4).reduce(0) { $0 << 8 | Int64($1) }
                }
                #expect(shown["rect"]?["width"]?.integer == side(0) && shown["rect"]?["height"]?.integer == side(1))
                #expect(detection["detect_ts"] == sample["time_offset"])
                scores.append(try #require(shown["score"]?.double))
                images.insert(name)
            }
            #expect(scores == scores.sorted(by: >))
        }
        #expect(try Set(FileManager.default.contentsOfDirectory(atPath: path("images"))) == images)
        try Self.checkWhy(path("why.jsonl"), events)
        let rows = try Self.lines(path("mot.txt")).map { $0.split(separator: ",") }
        #expect(rows.count > 50)
        #expect(rows.allSatisfy { $0.count == 9 })
        #expect(Set(rows.map { $0[1] }).count == events.count)

        let detections = try Self.lines(path("detections.jsonl")).map { try JSONValue(parsing: Data($0.utf8)) }
        #expect(detections.count == 112)
        #expect(detections.map { $0["frame"]?.integer } == (1...112).map { Int64($0) })
        #expect(detections.contains { ($0["people_count"]?.integer ?? 0) > 0 })
        #expect(try FileManager.default.attributesOfItem(atPath: path("annotated.mp4"))[.size] as? Int ?? 0 > 10_000)
    }

    /// Each event is told once, and the whole of the stream at last.
    private static func checkWhy(_ path: String, _ events: [JSONValue]) throws {
        let why = try lines(path).map { try JSONValue(parsing: Data($0.utf8)) }
        #expect(Set(why.dropLast().map { $0["event_id"] }) == Set(events.map { $0["event"]?["event_id"] }))
        for event in why.dropLast() {
            #expect(event["rules"]?["model"]?["sha256"]?.string?.count == 64)
            let verdicts = (event["frames"]?.array ?? []).compactMap {
                $0["decisions"]?.array?.first?["verdict"]?.string
            }
            #expect(verdicts.contains("probing") && verdicts.contains("opened"), "\(verdicts)")
        }
        let analytic = try #require(why.last?["analytics"]?.array?.first)
        #expect(analytic["event_ids"]?.array?.count == events.count)
    }

    @Test(arguments: [
        (["analyze"], Int32(2), "Missing expected argument"),
        (["analyze", "x.mp4", "--analytic", "faces"], 2, "must be people_count or human_tracking"),
        (["analyze", "x.mp4", "--mot", "m.txt"], 2, "--mot needs --analytic human_tracking"),
        (["analyze", "x.mp4", "--images", "pictures"], 2, "--images needs --events"),
        (["bench", "--streams", "0"], 2, "must be in 1...256"),
        (["account", "create", "--login", "a@b.cd", "--type", "king", "--password-stdin"], 2, "must be one of user"),
        (["account", "create", "--login", "a@b.cd", "--type", "user"], 2, "use --password-stdin"),
        (["analyze", "/nowhere.mp4"], 1, "There is no such file"),
        (["analyze", "/proc/self/fdinfo"], 1, "There are no pictures in /proc/self/fdinfo"),
        (["analyze", "/etc/hostname"], 1, "was not recognised"),
        (["serve", "--port", "70000"], 1, "Setting 'port'"),
        (["analyze", "/etc/hostname", "--parameters", "/nowhere.json"], 1, "/nowhere.json cannot be read"),
    ])
    func whatCannotWorkIsOneSentenceAndItsStatus(arguments: [String], status: Int32, sentence: String) async throws {
        let outcome = try await Program.run("sightline", arguments)
        #expect(outcome.status == status)
        #expect(outcome.error.contains(sentence), "\(outcome.error)")
        if status == 1 { #expect(outcome.error.split(separator: "\n").count == 1, "\(outcome.error)") }
    }

    @Test func peopleAreBlurredInEachFrameAndTheSoundStays() async throws {
        let work = TemporaryFolder(), clip = try await Footage.shared.clip()
        func path(_ name: String) -> String { work.url.appending(path: name).path }
        let sounding = try await Program.run(
            [
                "ffmpeg", "-v", "error", "-i", clip.path, "-f", "lavfi", "-i", "sine=duration=9", "-c:v", "copy",
                "-c:a",
                "aac", path("in.mp4"),
            ])
        #expect(sounding.status == 0, "\(sounding.error)")
        let outcome = try await Program.run(
            "sightline",
            ["analyze", path("in.mp4"), "--blur", "people", path("out.mp4"), "--detections", path("places.jsonl")])
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(outcome.output.contains("sound: aac, as it was"))

        let places = try Self.lines(path("places.jsonl")).map { try JSONValue(parsing: Data($0.utf8)) }
        func frames(_ name: String) async throws -> [UInt8] {
            let shown = try await Program.run(
                [
                    "ffmpeg", "-v", "error", "-i", path(name), "-vf", "scale=160:90,format=gray", "-f", "rawvideo",
                    path("\(name).raw"),
                ])
            #expect(shown.status == 0, "\(shown.error)")
            return [UInt8](try Data(contentsOf: work.url.appending(path: "\(name).raw")))
        }
        let (before, after) = (try await frames("in.mp4"), try await frames("out.mp4"))
        #expect(before.count == after.count && before.count == places.count * 160 * 90)
        let covered = try places.map { try #require($0["covered"]?.array).count }
        #expect(covered.contains { $0 > 1 })
        #expect(places.allSatisfy { Set($0["covered"]?.array ?? []).count == $0["covered"]?.array?.count })
        let changed = places.indices.count { index in
            (index * 160 * 90..<(index + 1) * 160 * 90).contains { abs(Int(before[$0]) - Int(after[$0])) > 24 }
        }
        #expect(changed > 40 && changed <= covered.count { $0 > 0 })
    }

    @Test(arguments: [
        (["in.mp4", "--blur", "people"], "--blur wants"), (["in.mp4", "--blur", "heads", "out.mp4"], "--blur wants"),
        (["in.mp4", "--blur", "people", "out.mp4", "--events", "e"], "--blur goes with --detections alone"),
        (["rtsp://camera/1", "--blur", "people", "out.mp4"], "needs a file"),
        (["in.mp4", "--blur", "people", "in.mp4"], "--blur would write over the input: in.mp4."),
        (["in.mp4", "--events", "./in.mp4"], "--events would write over the input"),
        (["in.mp4", "--parameters", "p.json", "--events", "./p.json"], "--events would write over the input"),
        (
            ["in.mp4", "--events", "out", "--detections", "/tmp/../tmp/out2", "--why", "/tmp/out2"],
            "write over --detections"
        ),
    ])
    func whatWouldBeLostOrCannotBeBlurredIsSaid(arguments: [String], message: String) async throws {
        let outcome = try await Program.run("sightline", ["analyze"] + arguments)
        #expect(outcome.status != 0 && outcome.error.contains(message), "\(outcome.error)")
    }

    @Test func wherePicturesShowNothingNoneAreDrawnInto() async throws {
        let work = TemporaryFolder(), clip = try await Footage.shared.clip()
        let (parameters, file) = (work.url.appending(path: "p.json"), work.url.appending(path: "out.mp4").path)
        try Data("{\"parameters\": {\"privacy\": {\"mode\": \"counts_only\"}}}".utf8).write(to: parameters)
        let outcome = try await Program.run(
            "sightline", ["analyze", clip.path, "--parameters", parameters.path, "--annotate", file])
        #expect(
            outcome.status == 1 && outcome.error.contains("--annotate has no pictures to draw into"), "\(outcome.error)"
        )
        #expect(!FileManager.default.fileExists(atPath: file))
    }

    @Test func aMissingEngineIsOneSentence() async throws {
        let clip = try await Footage.shared.clip()
        let outcome = try await Program.run(
            "sightline", ["analyze", clip.path], environment: ["SIGHTLINE_ENGINE_DIR": "/nowhere"])
        #expect(outcome.status == 1)
        #expect(outcome.error.hasPrefix("sightline: The inference engine is missing"), "\(outcome.error)")
        #expect(outcome.error.split(separator: "\n").count == 1, "\(outcome.error)")
    }

    private static func lines(_ path: String) throws -> [Substring] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    }
}
