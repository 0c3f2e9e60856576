internal import COpenSSL
internal import Glibc

/// Memory for secrets: libcrypto's secure heap, which is locked into memory, kept out of core dumps and fenced by guard
/// pages. Before it is set up, and once it is full, secrets lie in the ordinary heap and are wiped as well.
package enum SecretMemory {
    /// How the memory of secrets is protected.
    package enum Protection: Sendable, Equatable {
        /// It is never written to swap.
        case locked
        /// The system does not allow so much (`ulimit -l`): it may be written to swap.
        case unlocked
        /// There is no secure heap.
        case none
    }

    /// Room for thousands of keys; a page is the least that can be locked.
    package static let byteCount = 256 * 1024

    /// Sets the secure heap up, once in a process and before its first secret. Each later call says what the first said.
    package static func reserve() -> Protection { reserved }

    private static let reserved = protection(ofStatus: CRYPTO_secure_malloc_init(byteCount, 16))

    /// By what libcrypto says when it sets the heap up.
    static func protection(ofStatus status: Int32) -> Protection {
        switch status {
        case 1: .locked
        case 0: .none
        default: .unlocked
        }
    }

    /// The process leaves no core dump, and no other process of its user can read its memory.
    ///
    /// - Returns: whether the system took both.
    package static func forbidDumps() -> Bool {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        let isLimited = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none) == 0
        return symbolon_set_undumpable() == 0 && isLimited
    }

    static func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
        if CRYPTO_secure_malloc_initialized() == 1,
            let secure = unsafe CRYPTO_secure_malloc(max(1, byteCount), nil, 0)
        {
            return unsafe secure
        }
        return .allocate(byteCount: max(1, byteCount), alignment: 16)
    }

    /// Wipes memory that `allocate` gave, and gives it back.
    static func release(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
        unsafe OPENSSL_cleanse(memory, max(1, byteCount))
        if unsafe CRYPTO_secure_allocated(memory) == 1 {
            unsafe CRYPTO_secure_clear_free(memory, max(1, byteCount), nil, 0)
        } else {
            unsafe memory.deallocate()
        }
    }
}
