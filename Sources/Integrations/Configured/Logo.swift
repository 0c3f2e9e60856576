/// A picture that the service serves itself. An SVG is markup: serve it so that it runs no script.
package struct Logo: Sendable, Equatable {
    /// The largest that is taken, in octets.
    package static let maximumByteCount = 64 * 1024

    /// `image/png` or `image/svg+xml`, by what the file holds and not by its name.
    package let mediaType: String
    package let octets: [UInt8]

    /// - Returns: `nil` unless the octets are a PNG or an SVG of at most 64 KiB.
    package init?(_ octets: [UInt8]) {
        guard octets.count <= Self.maximumByteCount else { return nil }
        if octets.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            mediaType = "image/png"
        } else if let text = String(validating: octets, as: UTF8.self), text.contains("<svg") {
            mediaType = "image/svg+xml"
        } else {
            return nil
        }
        self.octets = octets
    }
}
