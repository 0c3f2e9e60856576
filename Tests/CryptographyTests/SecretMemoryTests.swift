import Testing

@testable import Cryptography

@Suite("SecretMemory") struct SecretMemoryTests {
    @Test func `what libcrypto could not lock is never said to be locked`() {
        #expect(SecretMemory.protection(ofStatus: 1) == .locked)
        #expect(SecretMemory.protection(ofStatus: 2) == .unlocked)
        #expect(SecretMemory.protection(ofStatus: 0) == .none)
        // A second call would get zero from libcrypto, which is no failure.
        #expect(SecretMemory.reserve() == SecretMemory.reserve())
    }
}
