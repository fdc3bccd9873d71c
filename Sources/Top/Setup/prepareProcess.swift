import Addresses
import Foundation

/// What must be done before the process has a second thread.
public func prepareProcess() {
    ProxyEnvironment.clear()
    limitHeaps()
    CoreFiles.forbid()
}

/// By default every thread may have a heap of its own, and what one frees no other uses: 30 MB more with four streams, and
/// nothing faster. Only glibc knows `mallopt`, and Swift's overlay of it does not.
private func limitHeaps() {
    guard let symbol = dlsym(nil, "mallopt") else { return }
    let mallopt = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
    let arenaMaximum: Int32 = -8  // M_ARENA_MAX
    _ = mallopt(arenaMaximum, Int32(max(2, ProcessInfo.processInfo.activeProcessorCount / 2)))
}
