import CFFmpeg
import Foundation
import Frames
import Records
import Scene

/// The life of one source, on its own thread: open, read, decode, hand over the frames that are wanted.
final class SourceThread {
    /// A frame's place in the stream, fixed before or after it is decoded.
    private struct Slot { var time: FrameTime, consumers: ConsumerSet }
    /// Damaged reads of a file in a row after which it counts as ended.
    private static let damagedReadLimit = 64

    private let request: SourceSpecification
    private let configuration: MediaConfiguration
    private let entrance: Entrance
    private let file: Int32?
    private let outlet: any SourceOutlet
    private let skipped: Int
    private var samplers: [FrameSampler]

    private var framesDecoded = 0
    private var properties = SourceProperties(
        size: PixelSize(width: 0, height: 0), frameRate: nil, duration: nil, frameCount: nil, codec: "")
    private var isOpening = true
    private var nextIndex = 0
    private var lastFormat: (PixelSize, Int32)?
    /// Of packets sent to a decoder of an intra-only codec, until their frames come out.
    private var slots: [Slot] = []
    private var lastProgress = ContinuousClock.now
    private var packets = 0
    /// Pictures before a live source's first key frame are not what the camera saw. After so long they are taken all the same: some
    /// cameras send no key frame ever.
    private static let keyframePatience: Duration = .seconds(20)
    private var isLocal = false
    private var pace: Pace?
    /// Between pictures of a source that has one at a time.
    private let pause: Duration
    /// How long ago the current packet's picture was taken, as far as is known.
    private var age: Duration = .zero
    private var survey: SourceSurvey?

    /// - Parameters:
    ///   - file: of a file or a download.
    ///   - skipped: frames of a file that were delivered before, and are not again.
    init(
        _ request: SourceSpecification, rates: [Rate], configuration: MediaConfiguration, entrance: Entrance,
        file: Int32?, skipped: Int = 0, outlet: any SourceOutlet
    ) {
        (self.request, self.configuration, self.entrance, self.file) = (request, configuration, entrance, file)
        (self.outlet, self.skipped) = (outlet, skipped)
        samplers = rates.map(FrameSampler.init)
        pause = rates.pause(atLeast: configuration.snapshotInterval)
    }

    func run() {
        do throws(MediaError) {
            try process()
            tellFacts(isLast: true)
            outlet.finish(nil, whileOpening: isOpening)
        } catch {
            tellFacts(isLast: true)
            outlet.finish(error, whileOpening: isOpening)
        }
    }

    private func process() throws(MediaError) {
        let demuxer = try openDemuxer()
        // A server that stops says so in its list, and begins another one when it starts again.
        if request.continuesLiveList, demuxer.isSegmented, demuxer.duration != nil { throw .closedByServer }
        isOpening = false
        if case .file = demuxer.origin { isLocal = true }
        if request.kind == .stream, isLocal || demuxer.isSegmented || demuxer.isFilmOnServer {
            pace = Pace(isSegmented: demuxer.isSegmented)
        }
        let decoder = try Decoder(
            demuxer.decoder, stream: demuxer.stream, maximumPixels: configuration.maximumPixels, budget: outlet.budget,
            arena: outlet.arena, shells: outlet.shells)
        let frameRate = demuxer.frameRate, timeBase = demuxer.stream.pointee.time_base
        var timeline = try Timeline(
            request.timestampSource, startTime: request.startTime,
            facts: Timeline.Facts(
                kind: request.kind, timeBase: (timeBase.num, timeBase.den), hasLabels: demuxer.hasLabels,
                frameRate: frameRate.map { ($0.num, $0.den) }, reportPatience: demuxer.reportPatience))
        var presenter = Presenter(demuxer, rotation: request.rotation, maximumPixels: configuration.maximumPixels)
        let size = presenter.presentation().size
        let isLive = request.kind == .stream
        let transport = properties.transport
        properties = SourceProperties(
            size: size, frameRate: frameRate.map(av_q2d),
            duration: isLive ? nil : demuxer.duration, frameCount: isLive ? nil : demuxer.frameCount,
            codec: demuxer.codecName)
        properties.transport = transport
        properties.timeToAnswer = demuxer.timeToAnswer
        if demuxer.isSegmented { properties.segments = demuxer.duration == nil ? .live : .whole }
        if request.isSurveyed {
            survey = SourceSurvey(
                demuxer, over: entrance.transport(by: transport), isLive: isLive && !isLocal && !demuxer.isSegmented)
            properties.facts = survey?.told(isLast: false)
        }
        // A live source joined in mid-stream may not know its size before its first picture.
        if size.width > 0, size.height > 0 { outlet.opened(properties) }
        try readAll(demuxer, decoder, &timeline, &presenter)
    }

    private func openDemuxer() throws(MediaError) -> Demuxer {
        let interrupt = outlet.interrupt
        if case .download(let address, let proxy) = entrance {
            guard let file else { throw .noSuchFile }
            try Download.fetch(
                address, proxy: proxy, into: file,
                limit: min(request.maximumBytes ?? .max, configuration.maximumDownload), configuration: configuration,
                interrupt: interrupt)
        }
        var patience = configuration.openDeadline
        // Whoever sends packets has no other answer.
        switch entrance {
        case .datagrams, .handedPackets: patience = min(patience, configuration.answerDeadline ?? patience)
        default: break
        }
        interrupt.arm(patience)
        guard case .rtsp(let address, let ways) = entrance else {
            return try Demuxer(
                entrance, file: file, pause: request.kind == .stream ? pause : nil, configuration: configuration,
                interrupt: interrupt)
        }
        for way in ways.dropLast() {
            do throws(MediaError) {
                return try openDemuxer(at: address, by: way)
            } catch {
                // A camera that answers with another transport than it was asked for is called invalid data.
                let isRefused = [.transportRefused, .cannotOpen(.init(rawValue: sl_error_invalid_data))].contains(error)
                guard isRefused else { throw error }
            }
        }
        return try openDemuxer(at: address, by: ways.last ?? .tcp)
    }

    private func openDemuxer(at address: String, by way: RTSPWay) throws(MediaError) -> Demuxer {
        let demuxer = try Demuxer(
            .rtsp(address: address, ways: [way]), file: nil, hasAllTracks: request.isSurveyed,
            configuration: configuration, interrupt: outlet.interrupt)
        if way != .udpElseTCP { properties.transport = way.rawValue }
        return demuxer
    }

    private func readAll(
        _ demuxer: Demuxer, _ decoder: Decoder, _ timeline: inout Timeline, _ presenter: inout Presenter
    ) throws(MediaError) {
        let isIntraOnly = demuxer.isIntraOnly
        let passage =
            request.kind == .stream ? VideoPassage(demuxer, presenter.presentation(), outlet: outlet) : nil
        var damagedReads = 0, isCutOff = false
        var waitsForKeyframe = request.kind == .stream && !isLocal && demuxer.isMadeUpUntilKeyframe
        lastProgress = .now
        reading: while !outlet.interrupt.isCancelled {
            switch try nextPacket(demuxer) {
            case .end: break reading
            case .later: continue
            case .damaged:
                outlet.board.add(1, to: .packetsCorrupt)
                isCutOff = request.endsAtDamage
                damagedReads += 1
                if isCutOff || damagedReads >= Self.damagedReadLimit { break reading }
                continue
            case .packet: damagedReads = 0
            }
            packets += 1
            survey?.look(at: demuxer)
            tellFacts()
            let packet = demuxer.currentPacket
            keepPace(packet, timeBase: demuxer.stream.pointee.time_base)
            if packet.pointee.flags & AV_PKT_FLAG_CORRUPT != 0 {
                outlet.board.add(1, to: .packetsCorrupt)
                isCutOff = request.endsAtDamage
                if isCutOff { break reading }
            }
            passage?.take(packet)
            if waitsForKeyframe {
                waitsForKeyframe = packet.pointee.flags & AV_PKT_FLAG_KEY == 0
                if waitsForKeyframe, .now - lastProgress < Self.keyframePatience { continue }
                waitsForKeyframe = false
            }
            (timeline.wallClockOrigin, timeline.reportedTime) = (demuxer.wallClockOrigin, demuxer.reportedTime)
            age = demuxer.asked.map { ContinuousClock.now - $0 } ?? .zero
            if isIntraOnly {
                let label = packet.pointee.pts == sl_no_pts ? packet.pointee.dts : packet.pointee.pts
                guard let slot = try nextSlot(label: label, &timeline), !slot.consumers.isEmpty else {
                    lastProgress = .now
                    continue
                }
                slots.append(slot)
            }
            if !decoder.send(packet) {
                try countDamage()
                if isIntraOnly { slots.removeLast() }
            }
            guard try receiveAll(decoder, &timeline, &presenter) else { return }
            // These decoders have no delay: a packet whose frame has not come gives none, such as a lone field.
            if isIntraOnly { slots.removeAll(keepingCapacity: true) }
            if let excess = outlet.budget.excess { throw .tooMuchMemory(excess, limit: outlet.budget.limit) }
            try checkProgress(demuxer)
        }
        guard !outlet.interrupt.isCancelled else { return }
        passage?.finish()
        _ = decoder.send(nil)
        // Also of what is cut off: these were whole.
        guard try receiveAll(decoder, &timeline, &presenter) else { return }
        if isCutOff { throw .damaged }
        try judgeEnd(of: demuxer)
    }

    private func nextPacket(_ demuxer: Demuxer) throws(MediaError) -> Demuxer.Outcome {
        guard !isLocal else { return try demuxer.read() }
        if let due = demuxer.due { outlet.interrupt.wait(until: due) }
        outlet.arrivals.wait()
        var hasCome = false
        defer {
            outlet.arrivals.end(come: hasCome)
            outlet.board[.packetsLost] = Int64(demuxer.packetsLost)
        }
        let outcome = try demuxer.read()
        hasCome = outcome == .packet
        return outcome
    }

    /// Takes all frames that the decoder has ready.
    /// - Returns: false when nobody wants more.
    private func receiveAll(
        _ decoder: Decoder, _ timeline: inout Timeline, _ presenter: inout Presenter
    ) throws(MediaError) -> Bool {
        for _ in 0..<1000 {  // a decoder that only ever fails must not hold the thread
            switch decoder.receive() {
            case .needsPacket, .end: return true
            case .damaged:
                try countDamage()
                if !slots.isEmpty { slots.removeFirst() }
            case .frame(let frame):
                guard try take(frame, &timeline, &presenter) else { return false }
            }
        }
        return true
    }

    private func take(
        _ frame: UnsafeMutablePointer<AVFrame>, _ timeline: inout Timeline, _ presenter: inout Presenter
    ) throws(MediaError) -> Bool {
        let presentation = presenter.presentation(of: frame)
        note(presentation.size, format: frame.pointee.format)
        let slot: Slot?
        do throws(MediaError) {
            if frame.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0 || frame.pointee.decode_error_flags != 0 {
                try countDamage()
            }
            slot =
                slots.isEmpty
                ? try nextSlot(label: frame.pointee.best_effort_timestamp, &timeline) : slots.removeFirst()
        } catch {
            outlet.shells.giveBack(frame)
            throw error
        }
        guard let slot, !slot.consumers.isEmpty, slot.time.index >= skipped else {
            outlet.shells.giveBack(frame)
            return true
        }
        return outlet.deliver(frame, presentation, slot.time, slot.consumers)
    }

    /// - Returns: `nil` when the frame comes before the stream's clock is known.
    private func nextSlot(label: Int64, _ timeline: inout Timeline) throws(MediaError) -> Slot? {
        let time = try timeline.time(
            index: nextIndex, label: label == sl_no_pts ? nil : label, arrival: .now - age,
            wallClock: Date() - age.seconds)
        nextIndex += 1
        guard let time else { return nil }
        var consumers: ConsumerSet = []
        for index in samplers.indices where samplers[index].wants(time) { consumers.insert(ConsumerSet(index: index)) }
        return Slot(time: time, consumers: consumers)
    }

    /// Counts the frame and sees whether it differs in form from the one before.
    private func note(_ size: PixelSize, format: Int32) {
        lastProgress = .now
        framesDecoded += 1
        outlet.board.add(1, to: .framesDecoded)
        if let lastFormat, lastFormat != (size, format) { outlet.board.add(1, to: .formatChanges) }
        if lastFormat == nil {
            properties.size = size
            outlet.opened(properties)
        }
        lastFormat = (size, format)
    }

    /// Of a source that is surveyed: more is known.
    private func tellFacts(isLast: Bool = false) {
        // What is told opens the source, so its size must be known, or the end.
        guard isLast || properties.size.width > 0, let facts = survey?.told(isLast: isLast) else { return }
        properties.facts = facts
        outlet.opened(properties)
    }

    private func countDamage() throws(MediaError) {
        outlet.board.add(1, to: .packetsCorrupt)
        if request.endsAtDamage { throw .damaged }
    }

    /// A file that is registered as a live stream plays at its own speed, and so do segments.
    private func keepPace(_ packet: UnsafeMutablePointer<AVPacket>, timeBase: AVRational) {
        guard packet.pointee.dts != sl_no_pts else { return }
        guard let due = pace?.due(Double(packet.pointee.dts) * av_q2d(timeBase), now: .now) else { return }
        outlet.interrupt.wait(until: due)
    }

    private func checkProgress(_ demuxer: Demuxer) throws(MediaError) {
        // Of pictures that are asked for one may be damaged, however long the pause.
        let patience = max(configuration.decodePatience, demuxer.due == nil ? .zero : pause * 3)
        guard request.kind == .stream, .now - lastProgress > patience else { return }
        throw .nothingDecoded(packets: packets)
    }

    private func judgeEnd(of demuxer: Demuxer) throws(MediaError) {
        guard framesDecoded > 0 || nextIndex > 0 else { throw .nothingDecoded(packets: packets) }
        guard request.kind == .stream, !isLocal, demuxer.duration == nil else { return }
        throw .closedByServer
    }
}
