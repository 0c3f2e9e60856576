import ConnectPages
import ConnectService
import HTTPTypes
import NIOCore
import Testing

@testable import ConnectAPI

@Suite("Complete responses") struct CompleteResponseTests {
    @Test func `S15 a redirect is a 303 that no cache keeps and that says nothing of where the user was`() {
        let answer = CompleteResponse.redirect("https://app.example.com/connected")
        let message = answer.message(
            date: "Sun, 06 Nov 1994 08:49:37 GMT", RequestIdentifier(own: "1"), ByteBufferAllocator())
        let lines = String(buffer: message).split(separator: "\r\n").map { $0.lowercased() }
        #expect(lines.first == "http/1.1 303 see other")
        for line in [
            "location: https://app.example.com/connected", "cache-control: no-store",
            "referrer-policy: no-referrer", "x-request-id: 1",
        ] {
            #expect(lines.contains(line))
        }
    }

    private static let site = ErrorDocumentation(siteURL: "https://docs.example.com")

    private func content(_ answer: CompleteResponse) -> String {
        let message = String(
            buffer: answer.message(date: "now", RequestIdentifier(own: "1"), ByteBufferAllocator()))
        return message.firstRange(of: "\r\n\r\n").map { String(message[$0.upperBound...]) } ?? ""
    }

    @Test func `an error says where its code is described, if that is known`() {
        let error = APIError(.notFound, "integration_not_found", "No.")
        #expect(content(error.answer(nil)) == #"{"detail":"No.","error_code":"integration_not_found"}"#)
        #expect(
            content(error.answer(Self.site))
                == #"{"detail":"No.","error_code":"integration_not_found","documentation":"#
                + #""https://docs.example.com/documentation/connectapi/errors#integrationnotfound"}"#)
    }

    @Test func `a 422 says so beside the list, and its items stay as they are`() {
        let error = RequestValidationError([
            ValidationIssue(.missing, at: .name("integration_id")),
            ValidationIssue(.notString, at: .name("label")),
        ])
        let plain = content(error.answer(nil))
        #expect(plain.hasPrefix(#"{"detail":[{"loc":["body","integration_id"],"msg":"#))
        #expect(!plain.contains("documentation"))
        #expect(
            content(error.answer(Self.site))
                == plain.dropLast()
                + #","documentation":"https://docs.example.com/documentation/connectapi/errors#missing"}"#)
        #expect(content(RequestValidationError([]).answer(Self.site)) == #"{"detail":[]}"#)
    }

    @Test(arguments: [
        ("restart", "restart"), ("invalid_state", "invalidstate"), ("Ü x/../#\"<", "x"), ("", ""),
    ])
    func `an anchor has the letters and digits of its code`(_ code: String, _ anchor: String) {
        #expect(
            Self.site.url(of: code)
                == "https://docs.example.com/documentation/connectapi/errors#\(anchor)")
    }
}
