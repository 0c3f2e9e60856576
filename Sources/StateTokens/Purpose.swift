/// What sealed octets are for. It is part of the associated data, so that nothing sealed for one purpose opens for another.
public struct Purpose: Sendable, Hashable {
    /// Lower-case letters and hyphens.
    public let text: String

    /// - Returns: `nil` unless the text is one or more of `a` to `z` and `-`.
    public init?(_ text: String) {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        guard !text.isEmpty, text.utf8.allSatisfy({ letters.contains($0) || $0 == UInt8(ascii: "-") }) else {
            return nil
        }
        self.text = text
    }

    private init(known text: String) { self.text = text }

    /// The state parameter of an authorization request.
    public static let state = Purpose(known: "state")
    /// The hand-over of confirm mode.
    public static let ticket = Purpose(known: "ticket")
    /// A column of a connection.
    public static let connection = Purpose(known: "connection")

    /// The associated data: `symbolon/` purpose `/1/` context.
    package func associatedData(context: Span<UInt8>) -> [UInt8] {
        let prefix = "symbolon/\(text)/1/"
        let head = prefix.utf8
        return [UInt8](capacity: head.count + context.count) { output in
            for octet in head { output.append(octet) }
            for index in context.indices { output.append(context[index]) }
        }
    }
}
