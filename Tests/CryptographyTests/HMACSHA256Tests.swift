import Cryptography
import Testing

@Suite("HMACSHA256") struct HMACSHA256Tests {
    struct Vector: Sendable {
        let key: [UInt8]
        let data: [UInt8]
        let tag: String
    }

    /// RFC 4231 §4.2 to §4.5: the cases whose keys are not longer than a block.
    static let rfc4231: [Vector] = [
        Vector(
            key: [UInt8](repeating: 0x0b, count: 20), data: Array("Hi There".utf8),
            tag: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        Vector(
            key: Array("Jefe".utf8), data: Array("what do ya want for nothing?".utf8),
            tag: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        Vector(
            key: [UInt8](repeating: 0xaa, count: 20), data: [UInt8](repeating: 0xdd, count: 50),
            tag: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        Vector(
            key: Array(1...25), data: [UInt8](repeating: 0xcd, count: 50),
            tag: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
    ]

    private func tag(of mac: borrowing HMACSHA256) throws -> [UInt8] {
        try [UInt8](capacity: 32) { output throws(CryptographyError) in try mac.finish(into: &output) }
    }

    @Test(arguments: rfc4231) func `the tags of RFC 4231 come out`(_ vector: Vector) throws {
        let mac = try HMACSHA256(key: vector.key.span)
        // Twice, because a context is used again.
        for _ in 0..<2 {
            try mac.start()
            try mac.update(vector.data.span)
            let tag = try self.tag(of: mac)
            #expect(hex(tag) == vector.tag)
        }
    }

    @Test(arguments: rfc4231) func `a message may come in pieces`(_ vector: Vector) throws {
        let mac = try HMACSHA256(key: vector.key.span)
        try mac.start()
        for octet in vector.data { try mac.update([octet].span) }
        let tag = try self.tag(of: mac)
        #expect(hex(tag) == vector.tag)
    }

    @Test(arguments: 0..<256) func `no tag with one bit flipped matches`(_ bit: Int) throws {
        let vector = Self.rfc4231[1]
        let mac = try HMACSHA256(key: vector.key.span)
        try mac.start()
        try mac.update(vector.data.span)
        var tag = try self.tag(of: mac)
        tag[bit / 8] ^= 1 << (bit % 8)
        try mac.start()
        try mac.update(vector.data.span)
        let matches = try mac.finish(matches: tag.span)
        #expect(!matches)
    }

    @Test(arguments: [0, 1, 31]) func `a tag that is cut short matches nothing`(_ count: Int) throws {
        let vector = Self.rfc4231[0]
        let mac = try HMACSHA256(key: vector.key.span)
        try mac.start()
        try mac.update(vector.data.span)
        let tag = try self.tag(of: mac)
        try mac.start()
        try mac.update(vector.data.span)
        let matches = try mac.finish(matches: tag.span.extracting(first: count))
        #expect(!matches)
    }

    @Test func `a key longer than a block is refused`() {
        #expect(throws: CryptographyError.wrongKeyLength(byteCount: 65)) {
            let key = [UInt8](repeating: 1, count: 65)
            _ = try HMACSHA256(key: key.span)
        }
    }
}

func hex(_ octets: [UInt8]) -> String {
    octets.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}
