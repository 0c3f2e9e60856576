internal import COpenSSL
internal import Glibc

/// Random octets drawn from libcrypto 4 KiB at a time, because a draw costs more than sealing a token.
///
/// Each octet is handed out once and wiped. The pool belongs to one thread. It dies with a fork: the kernel zeroes the
/// mapping in the child, the count of what is left included, so that no two processes ever draw the same block.
@safe package struct RandomPool: ~Copyable {
    private static let poolByteCount = 4096
    private static let poolOffset = 4096
    private static let mappingByteCount = poolOffset + poolByteCount

    /// One page that holds the count of octets left, and the octets.
    private let mapping: UnsafeMutableRawPointer
    /// The process that filled the pool, where the kernel does not wipe it at a fork.
    private var owner: pid_t?

    package init() throws(CryptographyError) {
        let mapping = unsafe mmap(
            nil, Self.mappingByteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else { throw .unavailable }
        // Best effort: a core dump is not to hold octets that are still to be handed out.
        _ = unsafe madvise(mapping, Self.mappingByteCount, MADV_DONTDUMP)
        owner = unsafe madvise(mapping, Self.mappingByteCount, MADV_WIPEONFORK) == 0 ? nil : getpid()
        unsafe self.mapping = mapping
    }

    deinit {
        unsafe OPENSSL_cleanse(mapping, Self.mappingByteCount)
        _ = unsafe munmap(mapping, Self.mappingByteCount)
    }

    /// Writes fresh octets over those of `frame` in `range`, at most 4096 of them.
    package mutating func fill(
        _ frame: inout MutableSpan<UInt8>, in range: Range<Int>
    ) throws(CryptographyError) {
        precondition(range.count <= Self.poolByteCount && range.upperBound <= frame.count)
        let block = unsafe mapping + Self.poolOffset
        var left = unsafe mapping.load(as: Int.self)
        if let owner, owner != getpid() {
            self.owner = getpid()
            left = 0
        }
        if left < range.count {
            guard unsafe RAND_bytes(block.assumingMemoryBound(to: UInt8.self), Int32(Self.poolByteCount)) == 1
            else { throw .unavailable }
            left = Self.poolByteCount
        }
        left -= range.count
        unsafe mapping.storeBytes(of: left, as: Int.self)
        let source = unsafe block + left
        unsafe frame.withUnsafeMutableBytes { target in
            unsafe UnsafeMutableRawBufferPointer(rebasing: target[range])
                .copyMemory(from: UnsafeRawBufferPointer(start: source, count: range.count))
        }
        unsafe OPENSSL_cleanse(source, range.count)
    }
}
