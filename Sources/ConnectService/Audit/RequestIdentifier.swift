/// Names one request: in its response, in every log line that it causes, and in the audit log.
package struct RequestIdentifier: Sendable, Equatable, CustomStringConvertible {
    /// In characters, of an id that a request brings along.
    package static let maximumLength = 128

    /// That of the request which the current task serves.
    @TaskLocal package static var current: RequestIdentifier?

    package let description: String

    /// An id that a request brings along, as from a proxy.
    ///
    /// - Returns: `nil` unless it has 1 to 128 letters, digits, `-`, `_` and `.` of ASCII: it goes into a response's header
    ///   and into log lines, and must end neither.
    package init?(_ text: String) {
        let octets = text.utf8
        guard (1...Self.maximumLength).contains(octets.count), octets.allSatisfy(Self.isAllowed) else {
            return nil
        }
        description = text
    }

    /// - Parameter own: an id that was made here.
    package init(own: String) { description = own }

    private static func isAllowed(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
