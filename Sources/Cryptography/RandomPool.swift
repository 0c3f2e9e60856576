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

    /// A page that begins with the count of octets left and the process that drew them, and the page of octets.
    private let mapping: UnsafeMutableRawPointer
    /// Whether the kernel wipes it at a fork. Where it does not, the process is compared.
    private let isWipedOnFork: Bool
    private static let ownerOffset = MemoryLayout<Int>.stride

    package init() throws(CryptographyError) {
        let mapping = unsafe mmap(
            nil, Self.mappingByteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else { throw .unavailable }
        // Best effort: keep octets that are still to be handed out from core dumps and swap.
        _ = unsafe mlock(mapping, Self.mappingByteCount)
        _ = unsafe madvise(mapping, Self.mappingByteCount, MADV_DONTDUMP)
        isWipedOnFork = unsafe madvise(mapping, Self.mappingByteCount, MADV_WIPEONFORK) == 0
        unsafe self.mapping = mapping
    }

    deinit {
        unsafe wipe(mapping, byteCount: Self.mappingByteCount)
        _ = unsafe munmap(mapping, Self.mappingByteCount)
    }

    /// Writes fresh octets over those of `frame` in `range`, at most 4096 of them.
    package func fill(
        _ frame: inout MutableSpan<UInt8>, in range: Range<Int>
    ) throws(CryptographyError) {
        precondition(range.count <= Self.poolByteCount && range.upperBound <= frame.count)
        let block = unsafe mapping + Self.poolOffset
        var left = unsafe mapping.load(as: Int.self)
        if !isWipedOnFork, unsafe mapping.load(fromByteOffset: Self.ownerOffset, as: pid_t.self) != getpid() {
            unsafe mapping.storeBytes(of: getpid(), toByteOffset: Self.ownerOffset, as: pid_t.self)
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
        unsafe wipe(source, byteCount: range.count)
    }
}

/// Random octets from libcrypto's generator, for rare use; ``RandomPool`` serves what each token needs.
package enum RandomBytes {
    /// Fresh random octets.
    package static func make(count: Int) throws(CryptographyError) -> [UInt8] {
        var drawn = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
            unsafe output.initialize(repeating: 0)
            drawn = unsafe RAND_bytes(output.baseAddress, Int32(clamping: count)) == 1
            initialized = count
        }
        guard drawn else { throw .unavailable }
        return bytes
    }
}
