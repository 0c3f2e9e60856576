internal import COpenSSL

/// HMAC-SHA-256 (RFC 2104) under one key, whose schedule is computed once.
///
/// The two key pads are hashed at the start and kept as digest contexts; a message starts from a copy of them, so its cost
/// does not include the key's. It belongs to one thread; libcrypto wipes the contexts when it goes.
@safe package struct HMACSHA256: ~Copyable {
    /// The length of a tag.
    package static let tagByteCount = 32
    private static let blockByteCount = 64

    private let innerPad: DigestContext
    private let outerPad: DigestContext
    /// The inner pad and the prefix that many messages have.
    private let prefixed: DigestContext
    private let message: DigestContext

    /// - Parameter key: at most 64 octets.
    package init(key: Span<UInt8>) throws(CryptographyError) {
        guard key.count <= Self.blockByteCount else { throw .wrongKeyLength(byteCount: key.count) }
        let inner = try Self.pad(0x36, key: key)
        let outer = try Self.pad(0x5c, key: key)
        let prefixed = try DigestContext()
        try prefixed.become(inner)
        message = try DigestContext()
        self.prefixed = prefixed
        innerPad = inner
        outerPad = outer
    }

    /// Begins a message, and forgets one that was not ended.
    package func start() throws(CryptographyError) { try message.become(innerPad) }

    /// Hashes the octets that the messages of ``startWithPrefix()`` begin with: once, and not for each of them.
    package func setPrefix(_ prefix: Span<UInt8>) throws(CryptographyError) {
        try prefixed.become(innerPad)
        try prefixed.update(prefix)
    }

    /// Begins a message with the prefix, and forgets one that was not ended.
    package func startWithPrefix() throws(CryptographyError) { try message.become(prefixed) }

    /// Adds octets to the message.
    package func update(_ bytes: Span<UInt8>) throws(CryptographyError) { try message.update(bytes) }

    /// Adds an integer to the message, as 8 octets, big endian.
    package func update(bigEndian value: UInt64) throws(CryptographyError) {
        let isDone = unsafe withUnsafeBytes(of: value.bigEndian) {
            unsafe message.update($0.baseAddress, byteCount: $0.count)
        }
        guard isDone else { throw .unavailable }
    }

    /// Ends the message and writes its tag over 32 octets of `frame`, from `offset` on.
    package func finish(
        into frame: inout MutableSpan<UInt8>, at offset: Int
    ) throws(CryptographyError) {
        precondition(offset >= 0 && offset + Self.tagByteCount <= frame.count, "a tag has 32 octets")
        let isDone = unsafe frame.withUnsafeMutableBufferPointer { buffer -> Bool in
            guard let base = buffer.baseAddress else { return false }
            return unsafe finish(base + offset)
        }
        guard isDone else { throw .unavailable }
    }

    /// Ends the message and appends its tag, 32 octets, to `output`.
    package func finish(into output: inout OutputSpan<UInt8>) throws(CryptographyError) {
        precondition(output.freeCapacity >= Self.tagByteCount, "a tag has 32 octets")
        let isDone = unsafe output.withUnsafeMutableBufferPointer { buffer, initialized -> Bool in
            guard let base = buffer.baseAddress, unsafe finish(base + initialized) else { return false }
            initialized += Self.tagByteCount
            return true
        }
        guard isDone else { throw .unavailable }
    }

    /// Ends the message and compares its tag in constant time.
    package func finish(matches expected: Span<UInt8>) throws(CryptographyError) -> Bool {
        let result = unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.tagByteCount) {
            tag -> Bool? in
            guard let base = tag.baseAddress, unsafe finish(base) else { return nil }
            return unsafe constantTimeEqual(Span(_unsafeElements: tag), expected)
        }
        guard let result else { throw .unavailable }
        return result
    }

    private func finish(_ tag: UnsafeMutablePointer<UInt8>) -> Bool {
        unsafe message.finish(tag) && message.copy(outerPad)
            && message.update(tag, byteCount: Self.tagByteCount) && message.finish(tag)
    }

    /// A context that has hashed the key's block with each octet combined with `pad` (RFC 2104 §2).
    private static func pad(_ pad: UInt8, key: Span<UInt8>) throws(CryptographyError) -> DigestContext {
        let context = try DigestContext()
        let isDone = unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: blockByteCount) {
            block -> Bool in
            unsafe block.initialize(repeating: pad)
            for offset in key.indices { unsafe block[offset] ^= key[offset] }
            defer { unsafe wipe(block.baseAddress, byteCount: block.count) }
            return unsafe context.update(block.baseAddress, byteCount: block.count)
        }
        guard isDone else { throw .unavailable }
        return context
    }
}
