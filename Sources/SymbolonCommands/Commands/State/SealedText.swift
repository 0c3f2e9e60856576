import Encodings
import StateTokens

/// What a state token says without the keys.
///
/// It is `01 | key id (4) | IV (16) | ciphertext | tag (32)` in base64url.
struct SealedText {
    let characterCount: Int
    let byteCount: Int
    let keyID: KeyID
    let flowID: FlowID

    var recordByteCount: Int { byteCount - SealedFrame.overhead }

    /// - Throws: ``Flaw``, the first that a reader comes upon.
    init(_ text: String) throws(Flaw) {
        characterCount = text.utf8.count
        // A connect session may be longer than a state.
        guard characterCount <= SessionCodec.maximumCharacterCount else { throw .tooLong }
        if let index = text.utf8.enumerated().first(where: { !Self.isInAlphabet($0.element) })?.offset {
            throw .foreignCharacter(position: index + 1)
        }
        guard characterCount > 0 else { throw .empty }
        guard let octets = Base64URL.decode(text) else { throw .notCanonical }
        guard octets.count >= SealedFrame.overhead else { throw .tooShort(byteCount: octets.count) }
        guard octets[0] == SealedFrame.version else { throw .unknownVersion(octets[0]) }
        byteCount = octets.count
        keyID = KeyID(rawValue: octets[1..<5].reduce(0) { $0 << 8 | UInt32($1) })
        let tag = octets.suffix(SealedFrame.tagByteCount)
        guard let flowID = FlowID(octets: Array(tag.prefix(FlowID.byteCount))) else {
            throw .tooShort(byteCount: octets.count)
        }
        self.flowID = flowID
    }

    private static func isInAlphabet(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

extension SealedText {
    /// Why a text is no state token of any keyring.
    enum Flaw: Error, Equatable {
        case empty
        case tooLong
        case foreignCharacter(position: Int)
        case notCanonical
        case tooShort(byteCount: Int)
        case unknownVersion(UInt8)

        var explanation: String {
            switch self {
            case .empty: "nothing was given"
            case .tooLong:
                "longer than any state token, which has at most "
                    + "\(StateTokenCodec.maximumCharacterCount) characters, and any connect session: "
                    + "give the value of the state parameter alone"
            case .foreignCharacter(let position):
                "character \(position) is none of A-Z a-z 0-9 - _: give the value of the state parameter "
                    + "alone, without percent-encoding or padding"
            case .notCanonical: "not valid base64url: its end was cut off or changed"
            case .tooShort(let byteCount):
                "only \(byteCount) octets, and a state token has more than \(SealedFrame.overhead): it was "
                    + "cut off, or is not from this service"
            case .unknownVersion(let version):
                "version \(version) of the layout, and this release reads version 1: it is not from "
                    + "this service, or from a newer release of it"
            }
        }
    }
}
