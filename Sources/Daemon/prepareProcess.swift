import Media

/// What must be done before the process has a second thread.
public func prepareProcess() { ProxyEnvironment.clear() }
