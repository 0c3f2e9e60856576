internal import COpenSSL
internal import Glibc

/// Whether two runs of octets are the same, in a time that depends on their length only.
package func constantTimeEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    let difference = unsafe left.withUnsafeBufferPointer { a in
        unsafe right.withUnsafeBufferPointer { b in
            unsafe CRYPTO_memcmp(a.baseAddress, b.baseAddress, a.count)
        }
    }
    return difference == 0
}

/// Overwrites octets so that the compiler cannot leave it out.
package func wipe(_ bytes: inout MutableSpan<UInt8>) {
    unsafe bytes.withUnsafeMutableBufferPointer { unsafe wipe($0.baseAddress, byteCount: $0.count) }
}

/// The same for memory that is reached by its address. (libc's, because libcrypto's goes octet by octet.)
func wipe(_ address: UnsafeMutableRawPointer?, byteCount: Int) {
    if let address = unsafe address { unsafe explicit_bzero(address, byteCount) }
}
