internal import COpenSSL

/// AES-256 in counter mode (NIST SP 800-38A §6.5) under one key; the whole 16-octet block counts.
///
/// libcrypto enciphers the counter blocks, and the text is combined with them here. It has the whole mode, too, but readies
/// its context for each IV anew, which takes longer than all of a token's blocks.
///
/// The context is made and keyed once. It belongs to one thread; libcrypto wipes it when it goes.
@safe package struct AES256CTR: ~Copyable {
    package static let keyByteCount = 32
    package static let ivByteCount = 16
    private static let blockByteCount = 16
    private static let mostBlocks = 64

    /// Of the bare cipher, which knows neither an IV nor a block before this one.
    private let context: OpaquePointer
    /// Counter blocks, which become the keystream; wiped after each use.
    private let blocks: UnsafeMutableRawPointer

    package init(key: Span<UInt8>) throws(CryptographyError) {
        guard key.count == Self.keyByteCount else { throw .wrongKeyLength(byteCount: key.count) }
        guard let cipher = unsafe EVP_CIPHER_fetch(nil, "AES-256-ECB", nil) else { throw .unavailable }
        defer { unsafe EVP_CIPHER_free(cipher) }
        guard let context = unsafe EVP_CIPHER_CTX_new() else { throw .unavailable }
        let status = unsafe key.withUnsafeBufferPointer {
            unsafe EVP_EncryptInit_ex2(context, cipher, $0.baseAddress, nil, nil)
        }
        guard status == 1, unsafe EVP_CIPHER_CTX_set_padding(context, 0) == 1 else {
            unsafe EVP_CIPHER_CTX_free(context)
            throw .unavailable
        }
        unsafe blocks = SecretMemory.allocate(byteCount: Self.mostBlocks * Self.blockByteCount)
        unsafe self.context = context
    }

    deinit {
        unsafe EVP_CIPHER_CTX_free(context)
        unsafe SecretMemory.release(blocks, byteCount: Self.mostBlocks * Self.blockByteCount)
    }

    /// Encrypts or decrypts, which is the same, the octets of `frame` in `range`, in place.
    ///
    /// - Parameter ivOffset: where in `frame` the 16 octets of the first counter block stand.
    package func apply(
        to frame: inout MutableSpan<UInt8>, in range: Range<Int>, ivOffset: Int
    ) throws(CryptographyError) {
        precondition(range.upperBound <= frame.count && ivOffset + Self.ivByteCount <= frame.count)
        let isDone = unsafe frame.withUnsafeMutableBytes { buffer -> Bool in
            guard let base = buffer.baseAddress else { return false }
            let text = unsafe base + range.lowerBound
            return unsafe apply(to: text, byteCount: range.count, iv: base + ivOffset, into: text)
        }
        guard isDone else { throw .unavailable }
    }

    /// Encrypts or decrypts `text` and appends it to `output`, which has room for it.
    ///
    /// - Parameter iv: the first counter block, 16 octets.
    package func apply(
        to text: Span<UInt8>, iv: Span<UInt8>, into output: inout OutputSpan<UInt8>
    ) throws(CryptographyError) {
        precondition(iv.count == Self.ivByteCount && text.count <= output.freeCapacity)
        let isDone = unsafe output.withUnsafeMutableBufferPointer { buffer, initialized -> Bool in
            // An empty output has no address, and an empty text nothing to say.
            guard let base = buffer.baseAddress else { return true }
            let isDone = unsafe text.withUnsafeBufferPointer { text in
                unsafe iv.withUnsafeBufferPointer { iv in
                    guard let start = text.baseAddress, let iv = iv.baseAddress else { return text.isEmpty }
                    return unsafe apply(to: start, byteCount: text.count, iv: iv, into: base + initialized)
                }
            }
            if isDone { initialized += text.count }
            return isDone
        }
        guard isDone else { throw .unavailable }
    }

    /// - Returns: whether libcrypto did its part.
    private func apply(
        to text: UnsafeRawPointer, byteCount: Int, iv: UnsafeRawPointer, into output: UnsafeMutableRawPointer
    ) -> Bool {
        var high = unsafe UInt64(bigEndian: iv.loadUnaligned(as: UInt64.self))
        var low = unsafe UInt64(bigEndian: iv.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        var done = 0
        while done < byteCount {
            let count = min(byteCount &- done, Self.mostBlocks * Self.blockByteCount)
            var keystreamByteCount = 0
            while keystreamByteCount < count {
                let block = SIMD2(high.bigEndian, low.bigEndian)
                unsafe blocks.storeBytes(of: block, toByteOffset: keystreamByteCount, as: SIMD2<UInt64>.self)
                (low, high) = (low &+ 1, low == .max ? high &+ 1 : high)
                keystreamByteCount &+= Self.blockByteCount
            }
            defer { unsafe wipe(blocks, byteCount: keystreamByteCount) }
            guard encipherBlocks(byteCount: keystreamByteCount) else { return false }
            unsafe combine(text + done, byteCount: count, into: output + done)
            done &+= count
        }
        return true
    }

    private func encipherBlocks(byteCount: Int) -> Bool {
        let octets = unsafe blocks.assumingMemoryBound(to: UInt8.self)
        var written: Int32 = 0
        return unsafe EVP_EncryptUpdate(context, octets, &written, octets, Int32(byteCount)) == 1
            && written == byteCount
    }

    /// Combines text with the keystream, whole blocks first.
    private func combine(_ text: UnsafeRawPointer, byteCount: Int, into output: UnsafeMutableRawPointer) {
        var offset = 0
        while offset &+ Self.blockByteCount <= byteCount {
            let block = unsafe text.loadUnaligned(fromByteOffset: offset, as: SIMD2<UInt64>.self)
            let key = unsafe blocks.loadUnaligned(fromByteOffset: offset, as: SIMD2<UInt64>.self)
            unsafe output.storeBytes(of: block ^ key, toByteOffset: offset, as: SIMD2<UInt64>.self)
            offset &+= Self.blockByteCount
        }
        while offset < byteCount {
            let octet = unsafe text.load(fromByteOffset: offset, as: UInt8.self)
            let key = unsafe blocks.load(fromByteOffset: offset, as: UInt8.self)
            unsafe output.storeBytes(of: octet ^ key, toByteOffset: offset, as: UInt8.self)
            offset &+= 1
        }
    }
}
