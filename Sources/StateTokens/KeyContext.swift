internal import Cryptography

/// One key made ready for one thread: libcrypto's contexts, keyed once.
final class KeyContext {
    let id: KeyID
    private var cipher: AES256CTR
    private var mac: HMACSHA256

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
    func seal(_ frame: inout MutableSpan<UInt8>, associatedData: Span<UInt8>) throws(CryptographyError) {
        frame[0] = SealedFrame.version
        for index in 0..<4 { frame[1 + index] = UInt8(truncatingIfNeeded: id.rawValue >> (24 - 8 * index)) }
        let contents = SealedFrame.contents(ofFrame: frame.count)
        try cipher.apply(to: &frame, in: contents, ivOffset: SealedFrame.ivOffset)
        authenticate(frame.span, associatedData: associatedData)
        mac.finish(into: &frame, at: contents.upperBound)
    }

    /// Opens a frame in place: if the tag holds, its contents become the plaintext.
    ///
    /// - Returns: whether the tag holds; if not, nothing is decrypted.
    func open(
        _ frame: inout MutableSpan<UInt8>, associatedData: Span<UInt8>
    ) throws(CryptographyError) -> Bool {
        let contents = SealedFrame.contents(ofFrame: frame.count)
        authenticate(frame.span, associatedData: associatedData)
        guard mac.finish(matches: frame.span.extracting(contents.upperBound..<frame.count)) else {
            return false
        }
        try cipher.apply(to: &frame, in: contents, ivOffset: SealedFrame.ivOffset)
        return true
    }

    /// A tag of its own for `message`, under the same key: the label keeps it apart from those of sealed octets.
    func tag(of message: Span<UInt8>, label: Span<UInt8>) -> [UInt8] {
        mac.start()
        mac.update(label)
        mac.update(message)
        mac.update(bigEndian: UInt64(label.count) * 8)
        return [UInt8](capacity: HMACSHA256.tagByteCount) { mac.finish(into: &$0) }
    }

    private func authenticate(_ frame: Span<UInt8>, associatedData: Span<UInt8>) {
        mac.start()
        mac.update(associatedData)
        mac.update(frame.extracting(SealedFrame.ivOffset..<frame.count - SealedFrame.tagByteCount))
        mac.update(bigEndian: UInt64(associatedData.count) * 8)
    }
}
