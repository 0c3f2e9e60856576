import Testing

@testable import ConnectAPI

@Suite("RequestValidationError") struct RequestValidationErrorTests {
    private func text(_ octets: [UInt8]) -> String { String(decoding: octets, as: UTF8.self) }

    @Test func `an error has its parts in one order`() {
        let error = RequestValidationError([
            ValidationIssue(.notString, at: .name("scopes"), .index(1)),
            ValidationIssue(loc: [.name("body"), .name("a\"b")], msg: "no", type: "invalid_params"),
        ])
        #expect(
            text(error.json)
                == #"{"detail":[{"loc":["body","scopes",1],"msg":"Input should be a valid string","#
                + #""type":"string_type"},"#
                + #"{"loc":["body","a\"b"],"msg":"no","type":"invalid_params"}]}"#)
    }

    @Test func `no error at all is an empty list`() {
        #expect(text(RequestValidationError([]).json) == #"{"detail":[]}"#)
    }
}
