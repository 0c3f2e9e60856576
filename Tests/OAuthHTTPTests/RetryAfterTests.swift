import StateTokens
import Testing

@testable import OAuthHTTP

@Suite("RetryAfter") struct RetryAfterTests {
    /// 1994-11-06T08:49:37Z
    private static let now = Timestamp(secondsSinceEpoch: 784_111_777)

    @Test(arguments: [
        ("120", 120), ("0", 0), (" 7 ", 7), ("1.5", 2), ("2.0", 2), ("3600", 3_600),
        ("Sun, 06 Nov 1994 08:50:37 GMT", 60), ("Sunday, 06-Nov-94 08:50:37 GMT", 60),
        ("Sun Nov  6 08:50:37 1994", 60),
    ]) func `seconds and dates are read`(_ text: String, _ seconds: Int) {
        #expect(RetryAfter.read(text, at: Self.now) == .seconds(seconds))
    }

    @Test(arguments: [
        "86400", "999999999999999999999999", "Mon, 06 Nov 1995 08:49:37 GMT", "9999999999.9",
    ]) func `S28 nothing is put off for longer than an hour`(_ text: String) {
        #expect(RetryAfter.read(text, at: Self.now) == .seconds(3_600))
    }

    @Test func `a date that is over is no reason to wait`() {
        #expect(RetryAfter.read("Sun, 06 Nov 1994 08:49:00 GMT", at: Self.now) == .zero)
    }

    @Test(arguments: ["", "-5", "soon", "1e3", "１２", "1 2", "Sun, 06 Nov 1994 08:50:37", ".", "1."])
    func `what is neither says nothing`(_ text: String) {
        #expect(RetryAfter.read(text, at: Self.now) == nil)
    }

    @Test func `no field says nothing`() { #expect(RetryAfter.read(nil, at: Self.now) == nil) }
}
