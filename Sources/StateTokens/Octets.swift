internal import Cryptography
internal import Encodings

/// A fixed number of octets, stored inline and compared in constant time.
struct Octets<let byteCount: Int>: Sendable {
    private var storage: InlineArray<byteCount, UInt8>

    init(_ octets: InlineArray<byteCount, UInt8>) { storage = octets }

    /// - Returns: `nil` unless `octets` has exactly that number.
    init?(_ octets: Span<UInt8>) {
        guard octets.count == byteCount else { return nil }
        self.init(octets, from: 0)
    }

    /// Reads them from `octets`, which holds them from `offset` on.
    init(_ octets: Span<UInt8>, from offset: Int) {
        // In one load: octet by octet, each access would be bounds-checked.
        storage = unsafe octets.extracting(offset..<offset + byteCount).withUnsafeBytes {
            unsafe $0.loadUnaligned(as: InlineArray<byteCount, UInt8>.self)
        }
    }
}

extension Octets: Hashable {
    static func == (left: Octets, right: Octets) -> Bool {
        var difference: UInt8 = 0
        for index in 0..<byteCount { difference |= left.storage[index] ^ right.storage[index] }
        return difference == 0
    }

    func hash(into hasher: inout Hasher) {
        for index in 0..<byteCount { hasher.combine(storage[index]) }
    }
}

extension Octets {
    var array: [UInt8] {
        [UInt8](storage.span)
    }

    /// Their base64url text.
    var base64URL: String { Base64URL.encode(storage.span) }

    /// Appends their base64url text to `output`, which has room for it.
    func appendBase64URL(to output: inout OutputSpan<UInt8>) {
        Base64URL.encode(storage.span, into: &output)
    }

    /// Appends them to `output`, which has room for them.
    func append(to output: inout OutputSpan<UInt8>) { output.append(octets: storage.span) }
}
