internal import Cryptography
internal import Logging

/// What the process does for its keys: they are locked into memory, and no core dump holds them.
struct Hardening {
    private let protection: SecretMemory.Protection
    private let isUndumpable: Bool

    /// To be called once, before the first secret is read.
    static func apply() -> Hardening {
        Hardening(protection: SecretMemory.reserve(), isUndumpable: SecretMemory.forbidDumps())
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
