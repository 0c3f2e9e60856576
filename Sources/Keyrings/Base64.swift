internal import FoundationEssentials

/// Base64 with padding (RFC 4648 §4), as in protocol buffers' JSON.
enum Base64 {
    static func encode(_ octets: [UInt8]) -> String { Data(octets).base64EncodedString() }

    static func decode(_ text: String) -> [UInt8]? { Data(base64Encoded: text).map { Array($0) } }
}
