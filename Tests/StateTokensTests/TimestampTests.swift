import StateTokens
import Testing

@Suite("Timestamp") struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (1_767_225_600, "2026-01-01T00:00:00Z"),
        (951_782_399, "2000-02-28T23:59:59Z"),
        (951_782_400, "2000-02-29T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
        (4_107_542_400, "2100-03-01T00:00:00Z"),
    ])
    func `RFC 3339 is read and written`(_ seconds: Int64, _ text: String) {
        #expect(Timestamp(secondsSinceEpoch: seconds).rfc3339 == text)
        #expect(Timestamp(rfc3339: text)?.secondsSinceEpoch == seconds)
    }

    @Test(arguments: [
        "", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00", "2026-01-01 00:00:00Z",
        "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z", "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00z", "+026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.0Z",
    ])
    func `other texts are no timestamp`(_ text: String) { #expect(Timestamp(rfc3339: text) == nil) }

    @Test func `a time beyond the last one is the last one, and never one long ago`() {
        let (first, last) = (Timestamp(secondsSinceEpoch: .min), Timestamp(secondsSinceEpoch: .max))
        let now = Timestamp(secondsSinceEpoch: 1_767_225_600)
        #expect(last + .seconds(1) == last && last - .seconds(-1) == last)
        #expect(first - .seconds(1) == first && first + .seconds(-1) == first)
        #expect(now + .seconds(Int64.max) == last && now - .seconds(Int64.max) < now)
        #expect(first - .seconds(Int64.max) == first)
        // Longer than any number of seconds that has room.
        let endless = Duration.seconds(Int64.max) * 2
        #expect(now + endless == last && first - endless == first)
        #expect(last.seconds(since: first) == .max && first.seconds(since: last) == .min)
        #expect(last.seconds(since: now) == .max - 1_767_225_600)
    }

    @Test func `less than a second is none`() {
        let now = Timestamp(secondsSinceEpoch: 1_767_225_600)
        #expect(now + .milliseconds(999) == now && now - .milliseconds(999) == now)
        #expect(now + .milliseconds(-999) == now)
        #expect((now + .milliseconds(1_999)).seconds(since: now) == 1)
    }
}
