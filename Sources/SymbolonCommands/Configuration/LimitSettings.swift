internal import ConnectAPI
internal import ConnectService
internal import Encodings
internal import OAuthHTTP

/// `limits`, and `listen.trusted_proxies`: what callers may cost. A limit of 0 is none.
struct LimitSettings {
    let requests: RequestLimits
    let connectionCount: Int
    let proxies: TrustedProxies

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
        return LimitSettings(
            requests: requests,
            connectionCount: reader.number(.connectionLimit, in: 16...1_000_000, default: 8_192),
            proxies: TrustedProxies(ranges))
    }
}
