import OAuth
import StateTokens
import Testing

@Suite("Times in requests") struct DateTimeTests {
    @Test(arguments: [
        "2026-05-28T20:26:40Z", "2026-05-28T20:26:40.000Z", "2026-05-28T20:26:40.999999Z",
        "2026-05-28T22:26:40+02:00", "2026-05-28T15:26:40.5-05:00",
    ])
    func `a time is read in any zone, and its fraction is dropped`(_ text: String) throws {
        #expect(Timestamp(dateTime: text) == Timestamp(rfc3339: "2026-05-28T20:26:40Z"))
    }

    @Test(arguments: [
        "", "2026-05-28", "2026-05-28T20:26Z", "2026-05-28 20:26:40Z", "2026-05-28T20:26:40",
        "2026-05-28T20:26:40+0200", "2026-05-28T20:26:40+02", "2026-05-28T20:26:40.Z", "2026-13-28T20:26:40Z",
        "2026-05-28T24:26:40Z", "2026-05-28T20:26:40+24:00", "1767225600", "tomorrow at seven o'clock",
        "Thu, 28 May 2026 20:26:40 GMT", " 2026-05-28T20:26:40Z", "2026-05-28T20:26:40Z ",
        "2026-05-28T20:26:40.0000000000000000000000000Z",
    ])
    func `what is no date-time of RFC 3339 is rejected`(_ text: String) {
        #expect(Timestamp(dateTime: text) == nil)
    }
}
