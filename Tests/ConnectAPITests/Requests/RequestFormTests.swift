import Encodings
import Testing

@testable import ConnectAPI

/// A form of another request, to show that any can be read.
private struct TicketForm: RequestForm {
    var ticket = FormField<String>.absent
    var secret = FormField<String>.absent

    mutating func readMember(
        _ name: JSONString, with reader: inout JSONReader, in text: Span<UInt8>
    ) throws(JSONSyntaxError) {
        if name.matches("ticket", in: text) {
            ticket = try reader.readStringField(in: text)
        } else if name.matches("binding_secret", in: text) {
            secret = try reader.readStringField(in: text)
        } else {
            try reader.skipValue(in: text)
        }
    }

    func request(collecting issues: inout ValidationIssues, in text: Span<UInt8>) throws(JSONSyntaxError)
        -> [String]?
    {
        guard let ticket = issues.required(ticket, "ticket"),
            let secret = issues.required(secret, "binding_secret")
        else { return nil }
        return [ticket, secret]
    }
}

@Suite("RequestForm") struct RequestFormTests {
    private func parse(_ text: String) throws(RequestValidationError) -> [String] {
        try TicketForm.parse(Array(text.utf8).span, contentType: "application/json")
    }

    @Test func `another request is read by the same rules`() throws {
        #expect(try parse(#"{"ticket": "a", "binding_secret": "b", "c": 1}"#) == ["a", "b"])
    }

    @Test(arguments: [
        (#"{"binding_secret":"b"}"#, ValidationIssue(.missing, at: .name("ticket"))),
        (#"{"ticket":"b"}"#, ValidationIssue(.missing, at: .name("binding_secret"))),
        (#"{"ticket":null,"binding_secret":"b"}"#, ValidationIssue(.notString, at: .name("ticket"))),
        (#"{"ticket":"\udc00","binding_secret":"b"}"#, ValidationIssue(.notUnicode, at: .name("ticket"))),
        ("[]", ValidationIssue(.notRequest)),
        ("{", ValidationIssue(.notJSON, at: .index(1))),
        ("", ValidationIssue(.missing)),
    ])
    func `its faults are placed by the same rules`(_ text: String, _ issue: ValidationIssue) {
        #expect(throws: RequestValidationError([issue])) { try parse(text) }
    }
}
