import Addresses
import Foundation

/// What must be done before the process has a second thread.
public func prepareProcess() {
    ProxyEnvironment.clear()
    limitHeaps()
    CoreFiles.forbid()
    raiseDescriptorLimit()
}

/// By default every thread may have a heap of its own, and what one frees no other uses: 30 MB more with four streams, and
/// nothing faster. And the size from which a block is given back by itself grows with those that were, to 32 MiB: pictures that wait as
/// pixels then leave holes between what stays, and with 25 events a second a daemon grew by 15 MB a second to 3 GB, of which 75 MB were in
/// use; it stays at 84 MB with a fixed one. Only glibc knows `mallopt`, and Swift's overlay of it does not.
func limitHeaps() {
    guard let symbol = dlsym(nil, "mallopt") else { return }
    let mallopt = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
    let arenaMaximum: Int32 = -8, mapThreshold: Int32 = -3  // M_ARENA_MAX, M_MMAP_THRESHOLD
    _ = mallopt(mapThreshold, 128 << 10)
    _ = mallopt(arenaMaximum, Int32(max(2, ProcessInfo.processInfo.activeProcessorCount / 2)))
}

/// More descriptors than this are of no use.
private let usefulDescriptors: rlim_t = 65_536

/// Systems start programs with a low limit (1,024) for the sake of those that use `select`, and allow far more to those who ask.
private func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    let wanted = min(limit.rlim_max, usefulDescriptors)
    guard limit.rlim_cur < wanted else { return }
    limit.rlim_cur = wanted
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}

/// Descriptors that this process may have at once.
public func descriptorLimit() -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
    return Int(min(limit.rlim_cur, usefulDescriptors))
}
