import NIOCore
import Testing

@testable import ConnectAPI

@Suite("Answer") struct AnswerTests {
    @Test func `S15 a redirect is a 303 that no cache keeps and that says nothing of where the user was`() {
        let answer = Answer.redirect("https://app.example.com/connected")
        let message = answer.message(date: "Sun, 06 Nov 1994 08:49:37 GMT", ByteBufferAllocator())
        let lines = String(buffer: message).split(separator: "\r\n").map { $0.lowercased() }
        #expect(lines.first == "http/1.1 303 see other")
        for line in [
            "location: https://app.example.com/connected", "cache-control: no-store",
            "referrer-policy: no-referrer",
        ] {
            #expect(lines.contains(line))
        }
    }
}
