internal import Encodings
internal import FoundationEssentials
internal import StateTokens

extension Base64 {
    /// The octets of a text, as in protocol buffers' JSON; `nil` if it is none.
    static func decode(_ text: String) -> [UInt8]? { Data(base64Encoded: text).map { Array($0) } }
}
