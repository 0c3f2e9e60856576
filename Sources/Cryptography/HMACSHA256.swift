internal import COpenSSL

/// HMAC-SHA-256 (RFC 2104) under one key, whose schedule is computed once.
///
/// The two key pads are hashed at the start and kept as contexts; a message starts from a copy of them. It belongs to
/// one thread. Its memory is wiped when it goes. What changes lies behind a pointer, so that nothing here is mutating and
/// no access to it has to be checked.
@safe package struct HMACSHA256: ~Copyable {
    /// The length of a tag.
    package static let tagByteCount = 32
    private static let blockByteCount = 64

    /// Inner pad, outer pad, and the message under way.
    private let contexts: UnsafeMutableBufferPointer<SHA256_CTX>

    /// - Parameter key: at most 64 octets.
    package init(key: Span<UInt8>) throws(CryptographyError) {
        guard key.count <= Self.blockByteCount else { throw .wrongKeyLength(byteCount: key.count) }
        let memory = unsafe SecretMemory.allocate(byteCount: 3 * MemoryLayout<SHA256_CTX>.stride)
        unsafe contexts = UnsafeMutableBufferPointer(
            start: memory.bindMemory(to: SHA256_CTX.self, capacity: 3), count: 3)
        unsafe contexts.initialize(repeating: SHA256_CTX())
        absorb(pad: 0x36, key: key, at: 0)
        absorb(pad: 0x5c, key: key, at: 1)
    }

    deinit {
        guard let memory = unsafe contexts.baseAddress else { return }
        unsafe SecretMemory.release(
            UnsafeMutableRawPointer(memory), byteCount: contexts.count * MemoryLayout<SHA256_CTX>.stride)
    }

    /// Forgets the message under way and begins another.
    package func start() { unsafe contexts[2] = contexts[0] }

    /// Adds octets to the message.
    package func update(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer {
            _ = unsafe SHA256_Update(&contexts[2], $0.baseAddress, $0.count)
        }
    }

    /// Adds an integer to the message, as 8 octets, big endian.
    package func update(bigEndian value: UInt64) {
        unsafe withUnsafeBytes(of: value.bigEndian) {
            _ = unsafe SHA256_Update(&contexts[2], $0.baseAddress, $0.count)
        }
    }

    /// Ends the message and writes its tag over 32 octets of `frame`, from `offset` on.
    package func finish(into frame: inout MutableSpan<UInt8>, at offset: Int) {
        precondition(offset >= 0 && offset + Self.tagByteCount <= frame.count, "a tag has 32 octets")
        unsafe frame.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            unsafe finish(base + offset)
        }
    }

    /// Ends the message and appends its tag, 32 octets, to `output`.
    package func finish(into output: inout OutputSpan<UInt8>) {
        precondition(output.freeCapacity >= Self.tagByteCount, "a tag has 32 octets")
        unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
            guard let base = buffer.baseAddress else { return }
            unsafe finish(base + initialized)
            initialized += Self.tagByteCount
        }
    }

    /// Ends the message and compares its tag in constant time.
    package func finish(matches expected: Span<UInt8>) -> Bool {
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.tagByteCount) { tag in
            guard let base = tag.baseAddress else { return false }
            unsafe finish(base)
            return unsafe constantTimeEqual(Span(_unsafeElements: tag), expected)
        }
    }

    private func finish(_ tag: UnsafeMutablePointer<UInt8>) {
        unsafe SHA256_Final(tag, &contexts[2])
        unsafe contexts[2] = contexts[1]
        unsafe SHA256_Update(&contexts[2], tag, Self.tagByteCount)
        unsafe SHA256_Final(tag, &contexts[2])
    }

    private func absorb(pad: UInt8, key: Span<UInt8>, at index: Int) {
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.blockByteCount) { block in
            unsafe block.initialize(repeating: pad)
            for offset in key.indices { unsafe block[offset] ^= key[offset] }
            unsafe SHA256_Init(&contexts[index])
            unsafe SHA256_Update(&contexts[index], block.baseAddress, block.count)
            unsafe wipe(block.baseAddress, byteCount: block.count)
        }
    }
}
