internal import Encodings
internal import Integrations
package import StateTokens

/// How long a token lasts, as a token response puts it (RFC 6749 §5.1).
package enum TokenLifetime: Sendable, Equatable {
    case seconds(Duration)
    case until(Timestamp)
    /// The response says that the token does not expire.
    case unlimited
    /// The response says nothing about it.
    case unstated
    /// The provider leaves it out and its entry states what it is, or the response says something that cannot
    /// be read. The token is refreshed by then; it is never rejected for it.
    case assumed(Duration)

    /// Assumed where a response says something that cannot be read: unreadable is not unlimited.
    package static let fallback: Duration = .seconds(3_600)
    /// As long as any lifetime in seconds that a provider means: some write twenty years with their leap days.
    private static let longest: Int64 = 20 * 365 * 86_400 + 5 * 86_400
}

// MARK: Reading

extension TokenLifetime {
    /// Reads `expires_in`: a number of seconds in any spelling.
    ///
    /// Zero, less than zero, and the greatest numbers there are mean a token that does not expire. Beyond
    /// twenty years it is a point in time or milliseconds.
    /// - Returns: `nil` if it is none of these.
    init?(expiresIn value: JSONValue) {
        guard let number = Self.number(value) else {
            guard case .string(let text) = value, let time = Timestamp(providerTime: text) else { return nil }
            self = .until(time)
            return
        }
        switch number {
        case ...0: self = .unlimited
        case ...Self.longest: self = .seconds(.seconds(number))
        // 2017 to 2038, as seconds or milliseconds since 1970.
        case 1_500_000_000..<2_147_483_647: self = .until(Timestamp(secondsSinceEpoch: number))
        case 1_500_000_000_000..<2_147_483_647_000:
            self = .until(Timestamp(secondsSinceEpoch: number / 1_000))
        // The greatest numbers of 32 bits, and a century: never.
        case 2_147_483_647...4_294_967_295: self = .unlimited
        case ...(Self.longest * 1_000): self = .seconds(.seconds(number / 1_000))
        default: self = .unlimited
        }
    }

    /// Reads `expires_at`: seconds or smaller units since 1970, RFC 3339 or RFC 1123.
    ///
    /// A number too small for a point in time is a number of seconds from now. What lies before 1970 is the
    /// zero of some calendar, and means a token that does not expire.
    /// - Returns: `nil` if it is none of these.
    init?(expiresAt value: JSONValue) {
        let time: Timestamp
        if let number = Self.number(value) {
            switch number {
            case ...0:
                self = .unlimited
                return
            // Before 1973.
            case ..<100_000_000:
                self = .seconds(.seconds(number))
                return
            case ..<100_000_000_000: time = Timestamp(secondsSinceEpoch: number)
            case ..<100_000_000_000_000: time = Timestamp(secondsSinceEpoch: number / 1_000)
            case ..<100_000_000_000_000_000: time = Timestamp(secondsSinceEpoch: number / 1_000_000)
            default: time = Timestamp(secondsSinceEpoch: number / 1_000_000_000)
            }
        } else if case .string(let text) = value, let read = Timestamp(providerTime: text) {
            time = read
        } else {
            return nil
        }
        self = time.secondsSinceEpoch <= 0 ? .unlimited : .until(min(time, .latest))
    }

    /// A JSON number, or a text that holds one, rounded down; beyond 64 bits the greatest of them.
    private static func number(_ value: JSONValue) -> Int64? {
        let text: String
        switch value {
        case .number(let number): text = number
        case .string(let string): text = string.trimmed
        case .null, .boolean, .array, .object: return nil
        }
        guard text.utf8.count <= 64, text.utf8.allSatisfy(isNumeric) else { return nil }
        if let number = Int64(text) { return number }
        guard let number = Double(text), number.isFinite else { return nil }
        // Less than a second is still a lifetime, and not the zero that means none.
        if number > 0, number < 1 { return 1 }
        return Int64(exactly: number.rounded(.down)) ?? (number < 0 ? .min : .max)
    }

    private static func isNumeric(_ octet: UInt8) -> Bool {
        (0x30...0x39).contains(octet) || "+-.eE".utf8.contains(octet)
    }
}

/// The lifetime in a token response, with what of it could not be read.
struct StatedLifetime {
    private(set) var lifetime: TokenLifetime = .unstated
    /// Names of the fields, with the kind of their values; never a value.
    private(set) var unreadable: [String] = []

    /// - Parameter assumed: what the entry states for responses that leave it out.
    init(
        expiresIn: (name: String, value: JSONValue?), expiresAt: (name: String, value: JSONValue?),
        assumed: Duration?
    ) {
        let readings = [
            (expiresIn, expiresIn.value.flatMap(TokenLifetime.init(expiresIn:))),
            (expiresAt, expiresAt.value.flatMap(TokenLifetime.init(expiresAt:))),
        ]
        for (field, reading) in readings {
            guard let value = field.value, !value.isBlank else { continue }
            guard let reading else {
                unreadable.append("\(field.name) (\(value.kind))")
                continue
            }
            // What ends tells more than a zero beside it.
            if lifetime == .unstated || lifetime == .unlimited { lifetime = reading }
        }
        switch lifetime {
        case .seconds, .until: break
        case .assumed, .unlimited, .unstated:
            if let assumed {
                lifetime = .assumed(assumed)
            } else if lifetime == .unstated, !unreadable.isEmpty {
                lifetime = .assumed(TokenLifetime.fallback)
            }
        }
    }
}

extension JSONValue {
    /// A text without a character says as much as no text.
    fileprivate var isBlank: Bool {
        if case .string(let text) = self { text.trimmed.isEmpty } else { self == .null }
    }

    fileprivate var kind: String {
        switch self {
        case .null: "null"
        case .boolean: "boolean"
        case .number: "number"
        case .string: "text"
        case .array: "array"
        case .object: "object"
        }
    }
}

// MARK: Expiry

extension TokenLifetime {
    /// When a token that was received now expires; `nil` if it does not.
    ///
    /// - Parameter before: when the token that it replaces was to expire. A refresh response that says nothing
    ///   does not make a token eternal whose predecessor was not.
    package func expiry(receivedAt now: Timestamp, replacing before: Timestamp? = nil) -> Timestamp? {
        switch self {
        case .seconds(let duration), .assumed(let duration): now + duration
        // No provider issues an expired token: its clock or zone differs from ours.
        case .until(let time) where time <= now: now + Self.fallback
        case .until(let time): time
        case .unlimited: nil
        case .unstated: before == nil ? nil : now + Self.fallback
        }
    }

    /// Whether the expiry kept for a token is the provider's own statement. Any other one only triggers a
    /// refresh.
    package func states(_ expiry: Timestamp) -> Bool {
        switch self {
        case .seconds: true
        case .until(let time): time == expiry
        case .unlimited, .unstated, .assumed: false
        }
    }
}
