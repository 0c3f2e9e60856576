internal import COpenSSL

/// SHA-2 with digests of three lengths, outside the hot path, which has ``SHA256`` and ``HMACSHA256``.
package enum HashFunction: Sendable {
    case sha256
    case sha384
    case sha512

    /// The length of a digest.
    package var byteCount: Int {
        switch self {
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    /// libcrypto's name of it.
    var name: String {
        switch self {
        case .sha256: "SHA2-256"
        case .sha384: "SHA2-384"
        case .sha512: "SHA2-512"
        }
    }

    package func digest(of message: Span<UInt8>) throws(CryptographyError) -> [UInt8] {
        unsafe try output { output in
            unsafe message.withUnsafeBufferPointer { message in
                unsafe EVP_Q_digest(
                    nil, name, nil, message.baseAddress, message.count, output.baseAddress, nil) == 1
            }
        }
    }

    /// HMAC (RFC 2104) under a key of any length.
    package func hmac(
        of message: Span<UInt8>, key: Span<UInt8>
    ) throws(CryptographyError) -> [UInt8] {
        guard let keyByteCount = CInt(exactly: key.count) else {
            throw .wrongKeyLength(byteCount: key.count)
        }
        return unsafe try output { output in
            unsafe key.withUnsafeBufferPointer { key in
                unsafe message.withUnsafeBufferPointer { message in
                    unsafe HMAC(
                        digest, key.baseAddress, keyByteCount, message.baseAddress, message.count,
                        output.baseAddress, nil) != nil
                }
            }
        }
    }

    private var digest: OpaquePointer? {
        switch self {
        case .sha256: unsafe EVP_sha256()
        case .sha384: unsafe EVP_sha384()
        case .sha512: unsafe EVP_sha512()
        }
    }

    private func output(
        _ write: (UnsafeMutableBufferPointer<UInt8>) -> Bool
    ) throws(CryptographyError) -> [UInt8] {
        var octets = [UInt8](repeating: 0, count: byteCount)
        guard unsafe octets.withUnsafeMutableBufferPointer({ unsafe write($0) }) else { throw .unavailable }
        return octets
    }
}
