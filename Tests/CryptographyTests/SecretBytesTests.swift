import Cryptography
import Testing

@Suite("SecretBytes") struct SecretBytesTests {
    private let secret = SecretBytes(Array("correct horse".utf8).span)

    @Test func `S23 nothing that prints it shows it`() {
        var dumped = ""
        dump(secret, to: &dumped)
        for text in [String(describing: secret), String(reflecting: secret), "\(secret)", dumped] {
            #expect(!text.contains("horse") && !text.contains("99"))
        }
    }

    @Test(arguments: ["correct horsf", "correct hors", "correct horse ", "", "dorrect horse"])
    func `other octets are not equal`(_ text: String) {
        #expect(secret != SecretBytes(Array(text.utf8).span))
    }

    @Test func `the same octets are equal`() {
        #expect(secret == SecretBytes(Array("correct horse".utf8).span))
    }
}
