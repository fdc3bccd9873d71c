public import Foundation
public import HTTPEdge
import NIOCore
public import ObjectStore
public import Store

/// Takes a body in, straight to the disk.
/// - Parameters:
///   - account: whose it will be; `nil`: it is not to be kept.
///   - see: is shown what is written, part by part.
/// - Throws: `StoreError` when there is no room for it, or its account may not have more.
public func receive(
    _ body: IncomingBytes, of account: UUID?, in store: Store, see: @escaping @Sendable ([UInt8]) -> Void = { _ in }
) async throws -> ObjectUpload {
    try await store.checkRoom(for: body.announced ?? 0, of: account)
    let gathering = Gathering(store: store, upload: store.upload(), account: account, see: see)
    try await body.read { try await gathering.take($0) }
    try await gathering.finish()
    return gathering.upload
}

/// Small parts become large ones on their way to the disk, which is asked for room now and then.
private actor Gathering {
    private static let portion = 1 << 18, betweenLooks = 4 << 20
    let store: Store
    let upload: ObjectUpload
    let account: UUID?
    let see: @Sendable ([UInt8]) -> Void
    private var waiting: [UInt8] = []
    private var nextLook = 4 << 20

    init(store: Store, upload: ObjectUpload, account: UUID?, see: @escaping @Sendable ([UInt8]) -> Void) {
        (self.store, self.upload, self.account, self.see) = (store, upload, account, see)
    }

    func take(_ part: ByteBuffer) async throws {
        waiting += part.readableBytesView
        if waiting.count >= Self.portion { try await write() }
    }
    func finish() async throws { if !waiting.isEmpty { try await write() } }

    private func write() async throws {
        let bytes = waiting
        waiting = []
        see(bytes)
        do { try await upload.append(bytes) } catch ObjectFileError.noRoom { throw StoreError.noRoomForObjects }
        guard upload.size >= nextLook else { return }
        nextLook = upload.size + Self.betweenLooks
        try await store.checkRoom(for: upload.size, of: account)
    }
}
