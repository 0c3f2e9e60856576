internal import Access
internal import ConnectAPI
internal import ConnectService
internal import Encodings
internal import OAuthHTTP

/// `limits`, `listen.trusted_proxies` and `listen.forwarded`: what callers may cost. A limit of 0 is none.
struct LimitSettings {
    let requests: RequestLimits
    let connectionCount: Int
    /// Of one address; `nil` if it is not set.
    let connectionsPerAddress: Int?
    let proxies: TrustedProxies

    /// In production one address gets an eighth of all connections, unless another share is set.
    func connectionShares(isProduction: Bool) -> ConnectionShares? {
        let limit = connectionsPerAddress ?? (isProduction ? max(1, connectionCount / 8) : 0)
        return limit == 0 ? nil : ConnectionShares(limit: limit, except: proxies)
    }

    static func read(_ reader: inout SettingsReader) -> LimitSettings {
        func limit(_ setting: Setting, default fallback: Int) -> Int? {
            let value = reader.number(setting, in: 0...1_000_000, default: fallback)
            return value == 0 ? nil : value
        }
        let requests = RequestLimits(
            perCredential: limit(.credentialLimit, default: 0), perAddress: limit(.addressLimit, default: 0),
            failuresPerAddress: limit(.failureLimit, default: 120))
        var ranges: [AddressRange] = []
        for text in reader.list(.trustedProxies) ?? [] {
            if let range = AddressRange(text) {
                ranges.append(range)
            } else {
                reader.report(
                    "listen.trusted_proxies: `\(text)` is not a block of addresses such as 10.0.0.0/8")
            }
        }
        let header = reader.text(.forwardedHeader) ?? TrustedProxies.Header.forwardedFor.rawValue
        let known = TrustedProxies.Header(rawValue: header)
        if known == nil {
            let names = TrustedProxies.Header.allCases.map(\.rawValue).joined(separator: " or ")
            reader.report("listen.forwarded: `\(header)` is not \(names)")
        }
        let share = reader.optionalNumber(.connectionsPerAddress, in: 0...1_000_000)
        if share == nil {
            _ = reader.text(
                .connectionsPerAddress, default: "an eighth of limits.connections in production")
        }
        return LimitSettings(
            requests: requests,
            connectionCount: reader.number(.connectionLimit, in: 16...1_000_000, default: 8_192),
            connectionsPerAddress: share,
            proxies: TrustedProxies(ranges, header: known ?? .forwardedFor))
    }
}
