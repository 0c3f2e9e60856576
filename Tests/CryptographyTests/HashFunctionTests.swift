import Cryptography
import Testing

@Suite("HashFunction") struct HashFunctionTests {
    /// RFC 4231 §4.7: a key that is longer than any block.
    @Test(arguments: [
        (HashFunction.sha256, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
        (
            .sha384,
            "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952"
        ),
        (
            .sha512,
            "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
                + "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"
        ),
    ])
    func `the tags of RFC 4231 come out under long keys`(_ function: HashFunction, _ tag: String) throws {
        let key = [UInt8](repeating: 0xaa, count: 131)
        let message = Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)
        #expect(hex(try function.hmac(of: message.span, key: key.span)) == tag)
        #expect(
            try function.hmac(of: message.span, key: [UInt8]().span)
                != function.hmac(of: message.span, key: key.span))
    }

    /// FIPS 180-4, the examples of NIST.
    @Test(arguments: [
        (HashFunction.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            .sha384,
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
        ),
        (
            .sha512,
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
    ])
    func `the digest of abc comes out`(_ function: HashFunction, _ digest: String) throws {
        #expect(hex(try function.digest(of: Array("abc".utf8).span)) == digest)
        #expect(function.byteCount * 2 == digest.count)
    }

    @Test func `both ways to SHA-256 and to its HMAC agree`() throws {
        for count in [0, 1, 31, 55, 56, 63, 64, 65, 1000] {
            let message = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
            #expect(try HashFunction.sha256.digest(of: message.span) == SHA256.digest(message.span))
            let key = Array(message.prefix(64))
            let mac = try HMACSHA256(key: key.span)
            try mac.start()
            try mac.update(message.span)
            let tag = try HashFunction.sha256.hmac(of: message.span, key: key.span)
            let isSame = try mac.finish(matches: tag.span)
            #expect(isSame)
        }
    }
}
