import Encodings
import Integrations
import OAuth
import StateTokens
import Testing

@Suite("TokenLifetime") struct TokenLifetimeTests {
    private static let now = Timestamp(secondsSinceEpoch: 1_779_000_000)

    private func parse(_ members: String, _ extra: String = "") throws -> TokenResponse {
        try TokenResponse.parse(
            status: 200, contentType: "application/json",
            body: Array(#"{"access_token":"A",\#(members)}"#.utf8),
            integration: try sample(extra), requestedScopes: [])
    }

    @Test(arguments: [
        ("3600", 3600), ("\"3600\"", 3600), ("\" 3600 \"", 3600), ("\"3600\\n\"", 3600), ("3600.9", 3600),
        ("\"3600.0\"", 3600), ("3.6e3", 3600), ("\"+3600\"", 3600), ("1", 1), ("0.5", 1), ("1e-9", 1),
        ("315705599", 315_705_599),
    ])
    func `a lifetime is a number in any spelling`(_ value: String, _ seconds: Int64) throws {
        #expect(try parse(#""expires_in":\#(value)"#).lifetime == .seconds(.seconds(seconds)))
    }

    @Test(arguments: [("5000000000", 5_000_000), ("900000000", 900_000), ("\"31536000000\"", 31_536_000)])
    func `a lifetime of more than twenty years is one in milliseconds`(_ value: String, _ seconds: Int64)
        throws
    {
        #expect(try parse(#""expires_in":\#(value)"#).lifetime == .seconds(.seconds(seconds)))
    }

    @Test(arguments: ["1780000000", "1780000000000", "\"1780000000\"", "\"2026-05-28T20:26:40Z\""])
    func `a lifetime that is a point in time is read as one`(_ value: String) throws {
        #expect(
            try parse(#""expires_in":\#(value)"#).lifetime
                == .until(Timestamp(secondsSinceEpoch: 1_780_000_000)))
    }

    @Test(arguments: [
        "0", "-1", "\"0\"", "-3600.5", "2147483647", "4294967295", "9223372036854775807", "9223372036854775",
        "99999999999999999999999", "-99999999999999999999999",
    ])
    func `zero, less, and the greatest numbers mean a token that does not expire`(_ value: String) throws {
        #expect(try parse(#""expires_in":\#(value)"#).lifetime == .unlimited)
        let assumed = try parse(#""expires_in":\#(value)"#, "response: {assumed_lifetime: 60}")
        #expect(assumed.lifetime == .assumed(.seconds(60)))
    }

    @Test(arguments: [
        "1780000000", "1780000000000", "1780000000000000", "1780000000000000000", "1780000000.75",
        "\"1780000000\"", "\" 1780000000 \"", "1.78e9", "\"2026-05-28T20:26:40Z\"",
        "\"2026-05-28t20:26:40z\"",
        "\"2026-05-28T22:26:40.5+02:00\"", "\"2026-05-28T12:26:40-0800\"", "\"2026-05-28T22:26:40+02\"",
        "\"2026-05-28T20:26:40\"", "\"2026-05-28 20:26:40\"", "\"2026-05-28 20:26:40.123456\"",
        "\"2026-05-28 20:26:40 UTC\"", "\"2026-05-28T20:26:40,5Z\"", "\"Thu, 28 May 2026 20:26:40 GMT\"",
        "\"28 May 2026 20:26:40 GMT\"", "\"Thu, 28 May 2026 22:26:40 +0200\"",
        "\"Thu, 28 may 2026 20:26:40\"",
        "\" 2026-05-28T20:26:40Z\\n\"",
    ])
    func `an expiry is a point in time in any spelling`(_ value: String) throws {
        let response = try parse(#""expires_at":\#(value)"#)
        #expect(response.lifetime == .until(Timestamp(secondsSinceEpoch: 1_780_000_000)))
        #expect(response.unreadableFields.isEmpty)
    }

    @Test(arguments: [
        ("\"2000-02-29T00:00:00Z\"", 951_782_400), ("\"2026-05-28\"", 1_779_926_400),
        ("\"2016-12-31T23:59:60Z\"", 1_483_228_799), ("\"9999-12-31T23:59:59-12:00\"", 253_402_300_799),
        ("\"Tue, 1 Feb 2028 00:00:00 GMT\"", 1_832_976_000),
    ])
    func `an odd point in time is the nearest one there is`(_ value: String, _ seconds: Int64) throws {
        #expect(
            try parse(#""expires_at":\#(value)"#).lifetime == .until(Timestamp(secondsSinceEpoch: seconds)))
    }

    @Test(arguments: ["0", "-1", "\"0001-01-01T00:00:00Z\"", "\"1970-01-01T00:00:00Z\""])
    func `the zero of a calendar means a token that does not expire`(_ value: String) throws {
        #expect(try parse(#""expires_at":\#(value)"#).lifetime == .unlimited)
    }

    @Test func `a number too small for a point in time counts from now`() throws {
        #expect(try parse(#""expires_at":7200"#).lifetime == .seconds(.seconds(7_200)))
    }

    @Test(arguments: [
        "\"soon\"", "[]", "{}", "[3600]", "true", "false", "1e999", "\"NaN\"", "\"inf\"", "\"0x10\"",
        "\"1h\"",
        "\"3600 1\"", "\"2026-13-01T00:00:00Z\"", "\"2026-02-29T00:00:00Z\"", "\"2026-05-28T24:00:00Z\"",
        "\"2026-05-28T20:26:40+2:00\"", "\"2026-05-28T20:26\"", "\"Thu, 28 Mai 2026 20:26:40 GMT\"",
        "\"Thu, 28 May 26 20:26:40 GMT\"", "\"Thu, 28 May 2026 20:26:40 CEST\"", "\"\\u0000\"",
        "\"２０２６-05-28T20:26:40Z\"", "\"\(String(repeating: "9", count: 1000))\"",
    ])
    func `S47 what cannot be read is an hour that is assumed, and is named without its value`(_ value: String)
        throws
    {
        for name in ["expires_in", "expires_at"] {
            let response = try parse(#""\#(name)":\#(value)"#)
            #expect(response.lifetime == .assumed(.seconds(3_600)))
            #expect(response.unreadableFields.count == 1)
            #expect(response.unreadableFields.first?.hasPrefix("\(name) (") == true)
            let assumed = try parse(#""\#(name)":\#(value)"#, "response: {assumed_lifetime: 60}")
            #expect(assumed.lifetime == .assumed(.seconds(60)))
        }
    }

    @Test(arguments: ["null", "\"\"", "\"  \""])
    func `what says nothing is not stated`(_ value: String) throws {
        let response = try parse(#""expires_in":\#(value)"#)
        #expect(response.lifetime == .unstated)
        #expect(response.unreadableFields.isEmpty)
    }

    @Test func `the field that can be read counts, and the one that ends`() throws {
        let until = TokenLifetime.until(Timestamp(secondsSinceEpoch: 1_780_000_000))
        #expect(try parse(#""expires_in":"soon","expires_at":1780000000"#).lifetime == until)
        #expect(try parse(#""expires_in":0,"expires_at":1780000000"#).lifetime == until)
        #expect(try parse(#""expires_in":60,"expires_at":1780000000"#).lifetime == .seconds(.seconds(60)))
        #expect(try parse(#""expires_in":60,"expires_at":"soon""#).lifetime == .seconds(.seconds(60)))
    }

    @Test func `the refresh token's lifetime is read alike`() throws {
        #expect(
            try parse(#""refresh_token_expires_in":" 86400 ""#).refreshTokenLifetime
                == .seconds(.seconds(86_400)))
        #expect(try parse(#""refresh_token_expires_in":0"#).refreshTokenLifetime == .unlimited)
        #expect(
            try parse(#""refresh_token_expires_in":"x""#).unreadableFields == [
                "refresh_token_expires_in (text)"
            ])
    }

    // MARK: Expiry

    @Test func `a refresh response without a lifetime does not make a token eternal`() {
        let before: Timestamp? = Self.now
        #expect(TokenLifetime.unstated.expiry(receivedAt: Self.now) == nil)
        #expect(
            TokenLifetime.unstated.expiry(receivedAt: Self.now, replacing: before) == Self.now
                + .seconds(3_600))
        #expect(TokenLifetime.unlimited.expiry(receivedAt: Self.now, replacing: before) == nil)
    }

    @Test func `a token that is over when it is issued lasts an hour`() {
        for seconds: Int64 in [1, 1_778_999_999, 1_779_000_000] {
            let lifetime = TokenLifetime.until(Timestamp(secondsSinceEpoch: seconds))
            #expect(lifetime.expiry(receivedAt: Self.now) == Self.now + .seconds(3_600))
        }
    }

    @Test(arguments: [Int64.min, .min + 1, -1, 0, .max - 1, .max])
    func `S47 no clock makes an expiry trap`(_ seconds: Int64) throws {
        for value in ["60", "630720000", "1780000000", "9223372036854775807", "\"soon\""] {
            _ = try parse(#""expires_in":\#(value)"#).lifetime
                .expiry(receivedAt: Timestamp(secondsSinceEpoch: seconds), replacing: Self.now)
        }
    }

    @Test(arguments: [
        (#""expires_in":60"#, true), (#""expires_at":1780000000"#, true), (#""expires_at":1"#, true),
        (#""expires_at":1779000000"#, false), (#""expires_in":"soon""#, false), (#""scope":"a""#, false),
    ])
    func `an expiry that was assumed is told from the provider's own`(_ members: String, _ isStated: Bool)
        throws
    {
        let response = try parse(members)
        let expiry = try #require(response.lifetime.expiry(receivedAt: Self.now, replacing: Self.now))
        let raw = String(decoding: response.raw.bytes, as: UTF8.self)
        let integration = try sample()
        #expect(TokenResponse.states(expiry, in: raw, for: integration) == isStated)
    }

    @Test(arguments: ["", "{", "[]", "{}", #"{"expires_in":60}"#])
    func `what is kept without a token response states no expiry`(_ raw: String) throws {
        let integration = try sample()
        #expect(!TokenResponse.states(Self.now, in: raw, for: integration))
    }
}
