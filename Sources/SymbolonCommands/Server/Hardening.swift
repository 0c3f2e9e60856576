internal import Cryptography
internal import FoundationEssentials
internal import Glibc
internal import Logging

/// What the process does for its keys: they are locked into memory, and no core dump holds them.
struct Hardening {
    private let protection: SecretMemory.Protection
    private let isUndumpable: Bool

    /// To be called once, before the first secret is read.
    static func apply() -> Hardening {
        silenceCrashReports()
        return Hardening(protection: SecretMemory.reserve(), isUndumpable: SecretMemory.forbidDumps())
    }

    /// The Swift runtime's crash reports show what registers point at, which may be a key, and they stop the process for half
    /// a minute. Setting `SWIFT_BACKTRACE` brings them back.
    private static func silenceCrashReports() {
        guard ProcessInfo.processInfo.environment["SWIFT_BACKTRACE"] == nil else { return }
        for number in [SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP] {
            _ = signal(number, SIG_DFL)
        }
    }

    /// What the system did not allow.
    func report(to logger: Logger) {
        switch protection {
        case .locked: break
        case .unlocked:
            logger.warning(
                "the keys' memory could not be locked and may be swapped; allow 256 KiB with `ulimit -l`")
        case .none: logger.warning("there is no locked memory for the keys, so that they may be swapped")
        }
        if !isUndumpable { logger.warning("core dumps could not be forbidden") }
    }
}
