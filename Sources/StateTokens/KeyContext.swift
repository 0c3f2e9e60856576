internal import Cryptography

/// One key made ready for one thread: libcrypto's contexts, keyed once.
final class KeyContext {
    let id: KeyID
    private let cipher: AES256CTR
    private let mac: HMACSHA256
    /// What the messages of `mac` begin with now. Most that a key seals have the same.
    private var prefix: [UInt8] = []

    init(_ key: Key) throws(CryptographyError) {
        id = key.id
        cipher = try key.material.withOctets { octets throws(CryptographyError) in
            try AES256CTR(key: octets.extracting(first: AES256CTR.keyByteCount))
        }
        mac = try key.material.withOctets { octets throws(CryptographyError) in
            try HMACSHA256(key: octets.extracting(droppingFirst: AES256CTR.keyByteCount))
        }
    }

    /// Seals a frame in place: its contents are the plaintext, its IV is set; header and tag are room.
    ///
    /// The associated data is `prefix`, the purpose's, and then `context`.
    func seal(
        _ frame: inout MutableSpan<UInt8>, prefix: [UInt8], context: Span<UInt8>
    ) throws(CryptographyError) {
        frame[0] = SealedFrame.version
        for index in 0..<4 { frame[1 + index] = UInt8(truncatingIfNeeded: id.rawValue >> (24 - 8 * index)) }
        let contents = SealedFrame.contents(ofFrame: frame.count)
        try cipher.apply(to: &frame, in: contents, ivOffset: SealedFrame.ivOffset)
        try authenticate(frame.span, prefix: prefix, context: context)
        try mac.finish(into: &frame, at: contents.upperBound)
    }

    /// Whether a frame's tag holds.
    func authenticates(
        _ frame: Span<UInt8>, prefix: [UInt8], context: Span<UInt8>
    ) throws(CryptographyError) -> Bool {
        try authenticate(frame, prefix: prefix, context: context)
        return try mac.finish(
            matches: frame.extracting(SealedFrame.contents(ofFrame: frame.count).upperBound..<frame.count))
    }

    /// Makes the plaintext of a frame's contents, in place. Its tag must hold.
    func decrypt(_ frame: inout MutableSpan<UInt8>) throws(CryptographyError) {
        let contents = SealedFrame.contents(ofFrame: frame.count)
        try cipher.apply(to: &frame, in: contents, ivOffset: SealedFrame.ivOffset)
    }

    /// The plaintext of a frame, or `nil`, and nothing decrypted, if its tag does not hold.
    func open(
        _ frame: Span<UInt8>, prefix: [UInt8], context: Span<UInt8>
    ) throws(CryptographyError) -> [UInt8]? {
        guard try authenticates(frame, prefix: prefix, context: context) else { return nil }
        let contents = SealedFrame.contents(ofFrame: frame.count)
        let iv = frame.extracting(SealedFrame.ivOffset..<SealedFrame.headerByteCount)
        return try [UInt8](capacity: contents.count) { output throws(CryptographyError) in
            try cipher.apply(to: frame.extracting(contents), iv: iv, into: &output)
        }
    }

    /// A tag of `message` under the same key. The label separates it from the tags of sealed octets.
    func tag(
        of message: Span<UInt8>, label: [UInt8], context: Span<UInt8>
    ) throws(CryptographyError) -> [UInt8] {
        try mac.start()
        try mac.update(label.span)
        try mac.update(context)
        try mac.update(message)
        try finishAssociatedData(label, context)
        return try [UInt8](capacity: HMACSHA256.tagByteCount) { output throws(CryptographyError) in
            try mac.finish(into: &output)
        }
    }

    private func authenticate(
        _ frame: Span<UInt8>, prefix: [UInt8], context: Span<UInt8>
    ) throws(CryptographyError) {
        if self.prefix != prefix {
            // Until it is set, `mac` has none: after an error the next message sets it again.
            self.prefix = []
            try mac.setPrefix(prefix.span)
            self.prefix = prefix
        }
        try mac.startWithPrefix()
        if !context.isEmpty { try mac.update(context) }
        try mac.update(frame.extracting(SealedFrame.ivOffset..<frame.count - SealedFrame.tagByteCount))
        try finishAssociatedData(prefix, context)
    }

    /// Its length in bits, so that no octet can move between it and the message.
    private func finishAssociatedData(
        _ prefix: [UInt8], _ context: Span<UInt8>
    ) throws(CryptographyError) {
        try mac.update(bigEndian: UInt64(prefix.count + context.count) * 8)
    }
}
