import Foundation
import Testing

@testable import OAuthHTTP

@Suite("Inflate") struct InflateTests {
    private static let text = (0..<60).map { "\($0): the quick brown fox \($0 * $0 % 97)\n" }.joined()

    /// Made with Python's zlib.
    private static let dynamic =
        "ddTZTWVBDEXR/xPFDeF6qoFwugUCIfEEAtHhtwOo/X3ksmvVcD9d36/P1+fP29/368/X4/fjenn8u27ZOTD5OUjFOd"
        + "hKWGqozomXxjmJoQn9t9Y5Gal9TpbJbmgkAwFPGRlMGShMl4FDJ+AQPR9AjK4CiV0yoIjeFljMWw4W5nLAqJADxh5y"
        + "wMiUA8buCwYa2b1AY/eCoFG9L9BYcsAYpQAMnwrAWEsBGNXPAzDcFYCxtgIwhinojfTwgGFdRRhDQRpDCRq5lKARrg"
        + "QN6yrQ6FZ0M0IJGKuUgDH7+wGM2VWAMbvXxqhuXLAMxyjH4Stwy5XkVIW4NfBIauJB1sLjr42X5j8="
    private static let fixed =
        "M7BSKMlIVSgszUzOVkgqyi/PU0jLr1Aw4DLELmHIZYRdwoTLGLuEJZcJDqPMuEyxyxiZcplhlzE24zLHYb8llwV2GT"
        + "MTLkvsMhaGXIYGOCziMsQRAkYmXIa4wsCcyxBHKJgbcRniCAegDI5wMAa6D0dAmAF14QgJS1MuQxxBYQz0Fo6wMDfg"
        + "MsIRFoZGXEY4AsPUmMsIR2BYmnEZ4QgMExMuIxyBYQlMYDhCwwRoF47QsAQaiCM0TIH+whEaFlxGOALDzJTLGEdgGJ"
        + "lzGeMIDAsLLmMcgWEKzB44AsPIiMsYR2BYWHIZ4wgMM0MuY1x5BOh4HIFhCNSFKzDMuIxxhYYZlwmO0DCx4DLBERrG"
        + "RlwmOELDEKgLR2gArcKVMoy5THAEhoUplwmOwDAHFj84AsMcqAtHYJgD7bLEKWVqgNNAU0OczjA1wul4U2OcXjY1wR"
        + "VOpqY4A9fUDGeUmJrjjEhTC5zRb2qJM9EAAA=="

    private static func octets(_ base64: String) throws -> [UInt8] {
        Array(try #require(Data(base64Encoded: base64)))
    }

    @Test(arguments: [dynamic, fixed]) func `a stream is undone to its end`(_ base64: String) throws {
        let stream = try Self.octets(base64)
        let (content, end) = try Inflate.decode(stream + [1, 2, 3], byteCountLimit: 1 << 20)
        #expect(String(decoding: content, as: UTF8.self) == Self.text && end == stream.count)
        let exact = try Inflate.decode([9] + stream, from: 1, byteCountLimit: Self.text.utf8.count)
        #expect(exact.content == content && exact.end == stream.count + 1)
    }

    @Test func `stored blocks are taken as they are, and an empty one ends a stream`() throws {
        let stream: [UInt8] = [0, 2, 0, 0xFD, 0xFF, 65, 66, 3, 0]
        let (content, end) = try Inflate.decode(stream, byteCountLimit: 2)
        #expect(content == [65, 66] && end == stream.count)
    }

    @Test(arguments: [dynamic, fixed]) func `S28 no more comes out than the bound allows`(
        _ base64: String
    ) throws {
        let stream = try Self.octets(base64)
        for limit in [0, 1, 20, Self.text.utf8.count - 1] {
            #expect(throws: Inflate.Failure.tooLarge) {
                try Inflate.decode(stream, byteCountLimit: limit)
            }
        }
        #expect(throws: Inflate.Failure.tooLarge) {
            try Inflate.decode([1, 2, 0, 0xFD, 0xFF, 65, 66], byteCountLimit: 1)
        }
    }

    @Test(arguments: [dynamic, fixed]) func `a stream that is cut off is not taken`(_ base64: String) throws {
        let stream = try Self.octets(base64)
        for count in 0..<stream.count {
            #expect(throws: Inflate.Failure.malformed, "\(count)") {
                try Inflate.decode(Array(stream.prefix(count)), byteCountLimit: 1 << 20)
            }
        }
    }

    @Test(
        arguments: [
            // No such kind of block; a stored one whose lengths differ; one that is cut off.
            [7], [1, 2, 0, 0xFD, 0xFE, 65, 66], [1, 2, 0, 0xFD, 0xFF, 65],
            // A distance to before the begin, and a symbol that means nothing.
            [0x03, 0x02, 0x00], [0x1B, 0x03],
            // A code that is not complete, more symbols than there are, and a code of none.
            [0x05, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0xFD, 0xFF, 0xFF, 0xFF, 0xFF],
            [0x05, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00],
        ] as [[UInt8]])
    func `octets that are no DEFLATE are not taken`(_ stream: [UInt8]) {
        #expect(throws: Inflate.Failure.malformed) {
            try Inflate.decode(stream, byteCountLimit: 1 << 20)
        }
    }

    @Test func `no octets make it trap`() throws {
        let stream = try Self.octets(Self.dynamic)
        for index in stream.indices {
            for bit in 0..<8 {
                var broken = stream
                broken[index] ^= 1 << bit
                do throws(Inflate.Failure) {
                    #expect(try Inflate.decode(broken, byteCountLimit: 1 << 14).content.count <= 1 << 14)
                } catch {
                    #expect([.malformed, .tooLarge].contains(error))
                }
            }
        }
    }
}
