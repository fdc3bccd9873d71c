import Foundation

let usage = """
    usage: sightline-render-sample SCENARIO OUTPUT.mp4 [--ground-truth FILE.txt] [--seconds S]

    Renders footage of people walking through a hall, seen from a camera under the ceiling. Needs the ffmpeg command.
    The ground truth is written in MOTChallenge rows: frame,id,x,y,w,h,considered,class,visibility.

    scenarios:
    \(Scenario.all.map { "  \($0.name)  \($0.summary), \(Int($0.duration)) s" }.joined(separator: "\n"))

    """

func fail(_ message: String, status: Int32) -> Never {
    FileHandle.standardError.write(Data((message + "\n").utf8))
    exit(status)
}

var positional: [String] = []
var groundTruthPath: String?
var seconds: Float?
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
    switch argument {
    case "--help", "-h":
        print(usage)
        exit(0)
    case "--ground-truth":
        guard let path = arguments.popFirst() else { fail("--ground-truth wants a file", status: 2) }
        groundTruthPath = path
    case "--seconds":
        guard let value = arguments.popFirst().flatMap(Float.init), value > 0 else {
            fail("--seconds wants a number above 0", status: 2)
        }
        seconds = value
    default: positional.append(argument)
    }
}
guard positional.count == 2 else { fail(usage, status: 2) }
guard let scenario = Scenario.all.first(where: { $0.name == positional[0] }) else {
    fail("no scenario '\(positional[0])'; there are: \(Scenario.all.map(\.name).joined(separator: ", "))", status: 2)
}
do {
    try render(scenario, to: positional[1], groundTruthPath: groundTruthPath, seconds: seconds ?? scenario.duration)
} catch {
    fail("\(positional[1]): \(error)", status: 1)
}

func render(_ scenario: Scenario, to path: String, groundTruthPath: String?, seconds: Float) throws {
    let camera = Camera(width: 768, height: 432, position: [0, 3.5, 0], tilt: 19, fieldOfView: 60)
    let renderer = FrameRenderer(scenario: scenario, camera: camera, framesPerSecond: 12.5)
    let writer = try FFmpegPipe(path: path, width: camera.width, height: camera.height, rate: "25/2")
    let count = Int(seconds * renderer.framesPerSecond)
    let batch = ProcessInfo.processInfo.activeProcessorCount * 4
    let isTerminal = isatty(STDERR_FILENO) == 1
    var truth: [String] = []
    for first in stride(from: 0, to: count, by: batch) {
        let frames = inParallel(min(batch, count - first)) { renderer.frame(first + $0) }
        for frame in frames {
            try writer.write(frame.pixels)
            truth += frame.truth.map(\.row)
        }
        if isTerminal { FileHandle.standardError.write(Data("\r\(scenario.name): frame \(first) of \(count)".utf8)) }
    }
    try writer.finish()
    if isTerminal { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    if let groundTruthPath {
        try Data((truth.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: groundTruthPath))
    }
    print("\(path): \(count) frames of '\(scenario.name)'")
}
