internal import COpenSSL

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
