/// What sealed octets are for. It is part of the associated data, so that nothing sealed for one purpose opens for another.
public struct Purpose: Sendable, Hashable {
    /// Lower-case letters and hyphens.
    public let text: String
    /// What the associated data begins with: `symbolon/` purpose `/1/`.
    let prefix: [UInt8]

    /// - Returns: `nil` unless the text is one or more of `a` to `z` and `-`.
    public init?(_ text: String) {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        guard !text.isEmpty, text.utf8.allSatisfy({ letters.contains($0) || $0 == UInt8(ascii: "-") }) else {
            return nil
        }
        self.init(known: text)
    }

    private init(known text: String) {
        self.text = text
        prefix = Array("symbolon/\(text)/1/".utf8)
    }

    /// The state parameter of an authorization request.
    public static let state = Purpose(known: "state")
    /// The hand-over of confirm mode.
    public static let ticket = Purpose(known: "ticket")
    /// A connect session, as a browser has it.
    public static let session = Purpose(known: "session")
    /// The page on which a user confirms a flow.
    public static let screen = Purpose(known: "screen")
    /// A column of a connection.
    public static let connection = Purpose(known: "connection")
    /// Trial seals that check a key; never a token.
    static let trial = Purpose(known: "trial")
}
