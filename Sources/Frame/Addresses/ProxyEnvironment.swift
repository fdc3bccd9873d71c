import Foundation

/// The variables by which FFmpeg would choose a proxy of its own.
public enum ProxyEnvironment {
    /// Takes them out of the environment: sources go through our own proxy, which checks addresses, and these would lead
    /// around it. Call before the process has a second thread: the environment is read without a lock everywhere.
    public static func clear() {
        for name in ["no_proxy", "http_proxy"] { unsetenv(name) }
    }
}
