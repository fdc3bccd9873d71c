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
/// nothing faster. Only glibc knows `mallopt`, and Swift's overlay of it does not.
private func limitHeaps() {
    guard let symbol = dlsym(nil, "mallopt") else { return }
    let mallopt = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
    let arenaMaximum: Int32 = -8  // M_ARENA_MAX
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
