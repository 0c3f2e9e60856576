import Cryptography
import Encodings
import Foundation
import Testing

@Suite("Base64URL") struct Base64URLTests {
    @Test(arguments: [
        "A", "AAAAA", "AA==", "AAA=", "AA ", " AA", "A A", "A+AA", "A/AA", "AA\n", "AA.A", "AB", "AAB",
        "A\u{0}", "é", "AAA\u{7F}",
        "AAAA=", "%41AAA", "٠٠", "AA__=", "____\u{200B}",
    ])
    func `text that encode never gives is refused`(_ text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test func `S02 each run of octets has one spelling`() throws {
        for length in 0...5 {
            let octets = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 91 + 17) }
            let text = Base64URL.encode(octets.span)
            #expect(Base64URL.decode(text) == octets)
            guard !text.isEmpty else { continue }
            var accepted = 0
            for last in 0..<128 {
                let other = text.dropLast() + String(UnicodeScalar(UInt8(last)))
                if Base64URL.decode(String(other)) == octets { accepted += 1 }
            }
            #expect(accepted == 1)
        }
    }

    @Test func `octets of every length are what another implementation says`() throws {
        for length in 0...200 {
            let octets = (0..<length).map { _ in UInt8.random(in: .min ... .max) }
            let expected = Data(octets).base64EncodedString().replacing("+", with: "-").replacing(
                "/", with: "_"
            )
            .replacing("=", with: "")
            #expect(Base64URL.encode(octets.span) == expected)
            #expect(Base64URL.decode(expected) == octets)
        }
    }

    /// Long enough for whole blocks, and for what is left behind them.
    @Test(arguments: [40, 51, 62]) func `an octet outside the alphabet is refused wherever it stands`(
        _ length: Int
    ) {
        let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        for position in 0..<length {
            for octet in UInt8.min...UInt8.max {
                var text = [UInt8](repeating: UInt8(ascii: "A"), count: length)
                text[position] = octet
                var accepted = false
                let output = [UInt8](capacity: Base64URL.byteCount(ofCharacters: length)) {
                    accepted = Base64URL.decode(text.span, into: &$0)
                }
                // The last character's spare bits are refused by another test.
                guard position < length - 1 || length % 4 == 0 else { continue }
                #expect(accepted == alphabet.contains(octet), "\(octet) at \(position)")
                if accepted { #expect(Base64URL.encode(output.span).utf8.elementsEqual(text)) }
            }
        }
    }

    @Test func `every octet comes back`() {
        let octets = Array(UInt8.min...UInt8.max)
        #expect(Base64URL.decode(Base64URL.encode(octets.span)) == octets)
    }
}

@Suite("Base64") struct Base64Tests {
    /// RFC 4648 §10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func `the RFC's texts come out`(_ text: String, _ expected: String) {
        #expect(Base64.encode(text.utf8.span) == expected)
        #expect(Base64.decode(expected) == Array(text.utf8))
    }

    @Test func `the two characters that base64url has in place of others are those others`() {
        let octets: [UInt8] = [0xfb, 0xff, 0xbf]
        #expect(Base64.encode(octets.span) == "+/+/")
    }

    @Test(arguments: [
        "Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zg==Zg==", "Zh==", "Zm9", "Zm9=v", " Zg==", "Zg==\n",
        "-_-_",
        "Zm9v=", "é===",
    ])
    func `text that encode never gives is refused`(_ text: String) { #expect(Base64.decode(text) == nil) }
}
