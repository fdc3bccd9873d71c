import Dispatch
import Foundation
import Frames
import HTTPEdge
import HTTPTypes
import HummingbirdCore
import Media
import Notifications
import ObjectStore
import Recognition
import Records
import Scene
import Store

/// Brings the pictures of a request, decodes them and looks at them. A few requests at a time: the bodies of those that wait lie on the
/// disk, and what was fetched for them, so that memory is bounded by the turns and not by who asks.
struct PictureDesk: Sendable {
    /// Pictures that are fetched at once; each is in memory until it is whole.
    static let fetchLimit = 8
    private let tools: PictureTools
    private let turns: Turns
    private let fetches = Turns(PictureDesk.fetchLimit)
    private let queue = DispatchQueue(label: "pictures", attributes: .concurrent)
    private let maximumPixels: Int
    private let pictureLimit: Int
    var looker: PictureLooker { tools.looker }

    init(_ tools: PictureTools, settings: APISettings, turns: Int = 2) {
        (self.tools, maximumPixels, pictureLimit) = (tools, settings.maximumPixels, settings.imageLimit)
        self.turns = Turns(turns)
    }

    /// Reads the pictures of a request and looks at them when it is its turn. What is at URLs is fetched between two turns: for strangers'
    /// servers nobody waits who did not ask for them.
    /// - Parameters:
    ///   - read: what was sent.
    ///   - look: is given that, with nothing at a URL any more.
    /// - Throws: what `read` and `look` throw; `StoreError.noRoomForObjects`.
    func inTurn<R: Sendable>(
        in store: Store, read: @Sendable () async throws -> [SentPicture],
        look: @Sendable ([SentPicture]) async throws -> R
    ) async throws -> R {
        let turn = try await turns.take { () async throws -> Turn<R> in
            let sent = try await read()
            guard !sent.contains(where: \.isAway) else { return .away(sent) }
            return .done(try await look(sent))
        }
        switch turn {
        case .done(let answer): return answer
        case .away(let sent):
            let fetched = try await fetch(sent, into: store)
            return try await turns.take { () async throws -> R in try await look(fetched) }
        }
    }
    private enum Turn<Answer: Sendable>: Sendable {
        case done(Answer)
        case away([SentPicture])
    }

    /// The same with what was at URLs, one after the other, on the disk.
    private func fetch(_ sent: [SentPicture], into store: Store) async throws -> [SentPicture] {
        var fetched = sent
        for index in fetched.indices {
            guard case .url(let url) = fetched[index].source else { continue }
            let result = try await fetch(url, into: store)
            fetched[index].source = .fetched(result)
        }
        return fetched
    }
    private func fetch(_ url: String, into store: Store) async throws -> Result<ObjectUpload, APIError> {
        try await fetches.take { () async throws -> Result<ObjectUpload, APIError> in
            try await store.checkRoom(for: 0, of: nil)
            let answer: Fetched
            do {
                answer = try await tools.fetch(url, pictureLimit)
            } catch let error where !(error is CancellationError) {
                return .failure(.notFetched(url))
            }
            guard SentPicture.types.contains(MediaType.essence(of: answer.contentType ?? "")) else {
                return .failure(.badFetchedType(url))
            }
            let upload = store.upload()
            do { try await upload.append(answer.bytes) } catch ObjectFileError.noRoom {
                throw StoreError.noRoomForObjects
            }
            return .success(upload)
        }
    }

    /// How pictures of a request are to be read.
    struct Reading: Sendable {
        var isTurned = true
        var readsEXIF = false
        /// As what samples are looked for, in this order.
        var samples: [StoredObject.Kind] = [.faceSample, .bodySample]
        /// Whether each must be an aligned face.
        var isFaceWarp = false
        /// Whether each is the crop of a body. Boxes that are sent with crops are not within them.
        var isBodyWarp = false
    }

    /// A picture that has come, decoded.
    struct Opened: Sendable {
        let sent: SentPicture
        let still: StillPicture
        /// As it came.
        let bytes: [UInt8]
    }

    /// Each picture of `sent` in their order, handed to `look` while it is in memory, or what is wrong with it.
    /// - Throws: what is wrong with the only picture, where it could not be had; failures that are no picture's fault.
    func forEach<R: Sendable>(
        _ sent: [SentPicture], _ reading: Reading, of account: UUID, in store: Store,
        _ look: (Opened) async throws -> R
    ) async throws -> [Result<R, APIError>] {
        var results: [Result<R, APIError>] = []
        var missing: [APIError] = []
        for picture in sent {
            let bytes: [UInt8]
            do { bytes = try await load(picture, reading, of: account, in: store) } catch let error as APIError {
                if error != .badBase64 { missing.append(error) }
                results.append(.failure(error))
                continue
            }
            do {
                let still = try await open(bytes, reading)
                try Self.check(picture, still, reading)
                results.append(.success(try await look(Opened(sent: picture, still: still, bytes: bytes))))
            } catch let error as APIError {
                results.append(.failure(error))
            }
        }
        if missing.count == sent.count, let first = missing.first { throw first }
        return results
    }

    private func load(
        _ picture: SentPicture, _ reading: Reading, of account: UUID, in store: Store
    ) async throws -> [UInt8] {
        switch picture.source {
        case .bytes(let bytes): return Array(bytes)
        case .base64(let text):
            guard let data = Data(base64Encoded: text, options: .ignoreUnknownCharacters), !data.isEmpty else {
                throw APIError.badBase64
            }
            return Array(data)
        case .sample(let id):
            for kind in reading.samples {
                if let object = try await store.object(id: id, kind: kind, account: account),
                    try await store.hasFile(object),
                    let bytes = try await store.bytes(0..<object.size, of: object)
                {
                    return bytes
                }
            }
            throw APIError.objectNotFound(.faceSample, id)
        case .url(let url): throw APIError.notFetched(url)  // whatever was there is fetched by now
        case .fetched(let upload): return try await upload.get().bytes()
        }
    }

    /// A sample that was just made.
    func open(sample bytes: [UInt8]) async throws -> StillPicture { try await open(bytes, Reading(isTurned: false)) }
    private func open(_ bytes: [UInt8], _ reading: Reading) async throws -> StillPicture {
        let wishes = StillWishes(
            maximumPixels: maximumPixels, isTurned: reading.isTurned, readsEXIF: reading.readsEXIF)
        do {
            return try await queue.apart { [tools] in try tools.open(bytes, wishes) }
        } catch MediaError.notPicture {
            throw APIError.unknownForm
        } catch is MediaError {
            throw APIError.notAnImage
        } catch let failure as any SourceFailure where failure.endedDecoder {
            throw APIError.notAnImage
        }
    }

    private static func check(
        _ picture: SentPicture, _ still: StillPicture, _ reading: Reading
    ) throws(APIError) {
        let side = FaceWarp.side
        if reading.isFaceWarp {
            guard still.size == PixelSize(width: side, height: side) else { throw .badWarpSize }
        }
        if reading.isFaceWarp || reading.isBodyWarp { return }
        for box in [picture.face, picture.body].compactMap(\.self) {
            let isInside =
                box.area > 0 && box.maxX <= Float(still.size.width) && box.maxY <= Float(still.size.height)
            guard isInside else { throw .badRectangle }
        }
    }
}

extension Services {
    /// The body of a request with pictures, on the disk until it is looked at.
    func receivePictures(_ call: Call) async throws -> ObjectUpload {
        try Self.checkForm(of: call)
        return try await receive(call, counts: false)
    }
    /// - Throws: for a body of a type that no pictures come in.
    static func checkForm(of call: Call) throws {
        guard let type = call.request.headers[.contentType].map(MediaType.essence(of:)) else {
            throw Refusal.badContentType
        }
        let known = SentPicture.types.union(SentPicture.base64Types).union(["application/json", "multipart/form-data"])
        guard known.contains(type) else { throw Refusal.badContentType }
    }
}
