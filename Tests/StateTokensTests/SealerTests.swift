import Testing

@testable import StateTokens

@Suite("Sealer") struct SealerTests {
    let now = TestKeys.start
    let sealer: Sealer
    let context = Array("d_test/conn_1/credentials".utf8)

    init() throws { sealer = Sealer(KeyringReference(try TestKeys.ring([TestKeys.key(1)]))) }

    @Test(arguments: [0, 1, 15, 16, 17, 4096, 100_000]) func `what was sealed opens`(_ count: Int) throws {
        let plaintext = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let sealed = try sealer.seal(plaintext.span, as: .connection, context: context.span, at: now)
        #expect(sealed.count == count + 53)
        #expect(try sealer.open(sealed.span, as: .connection, context: context.span) == plaintext)
    }

    @Test func `S05 another purpose or context is forged`() throws {
        let sealed = try sealer.seal([1, 2, 3].span, as: .connection, context: context.span, at: now)
        #expect(throws: OpenError.forged) { try sealer.open(sealed.span, as: .ticket, context: context.span) }
        for other in [
            "", "d_test/conn_2/credentials", "d_test/conn_1/credential", "d_test/conn_1/credentials ",
        ] {
            #expect(throws: OpenError.forged) {
                try sealer.open(sealed.span, as: .connection, context: Array(other.utf8).span)
            }
        }
    }

    @Test func `S04 an octet that moves from the IV to the associated data is noticed`() throws {
        let sealed = try sealer.seal([1, 2, 3].span, as: .connection, context: context.span, at: now)
        var moved = sealed
        let octet = moved.remove(at: SealedFrame.ivOffset)
        let longer = context + [octet]
        #expect(throws: OpenError.forged) {
            try sealer.open(moved.span, as: .connection, context: longer.span)
        }
    }

    @Test(arguments: [0, 1, 5, 21, 52]) func `too few octets are malformed`(_ count: Int) {
        let short = [1] + [UInt8](repeating: 0, count: max(0, count - 1))
        #expect(throws: OpenError.malformed) {
            try sealer.open(Array(short.prefix(count)).span, as: .ticket, context: context.span)
        }
    }

    @Test func `S05 keyed hashes with different labels have nothing in common`() throws {
        func hash(
            _ label: String, _ message: String, context: [UInt8] = [], key: KeyID = KeyID(rawValue: 1)
        ) throws -> [UInt8] {
            try sealer.keyedHash(
                of: Array(message.utf8).span, label: #require(Purpose(label)), context: context.span, key: key
            )
        }
        let base = try hash("code", "4/abc")
        #expect(try hash("code", "4/abc") == base)
        #expect(try hash("codes", "4/abc") != base)
        #expect(try hash("code", "4/abd") != base)
        #expect(try hash("code", "4/abc", context: [1]) != base)
        #expect(throws: OpenError.unknownKey(KeyID(rawValue: 9))) {
            try hash("code", "4/abc", key: KeyID(rawValue: 9))
        }
    }
}
