/// The parameters that say at which server or tenant an account is known.
///
/// An account's id may be unique there only: `sub` is unique within its issuer (OpenID Connect Core §2), and each
/// self-hosted server counts its users from 1.
package struct AccountScope: Sendable, Hashable {
    /// A parameter by its name in a connection's configuration.
    package struct Parameter: Sendable, Hashable {
        /// How its values are written; hosts have no letter case (RFC 3986 §6.2.2.1), paths do.
        package enum Form: Sendable, Hashable {
            case text
            /// A host, or a label of one.
            case host
            /// A server's URL.
            case url
        }

        let name: String
        let defaultValue: String?
        let form: Form

        package init(_ name: String, defaultValue: String? = nil, form: Form = .text) {
            self.name = name
            self.defaultValue = defaultValue
            self.form = form
        }
    }

    /// An account's id is unique at the provider.
    package static let provider = AccountScope([])

    let parameters: [Parameter]

    package init(_ parameters: [Parameter]) { self.parameters = parameters }

    package func tenant(of config: [String: String]) -> AccountTenant {
        AccountTenant(
            values: Dictionary(
                parameters.compactMap { parameter in
                    (config[parameter.name] ?? parameter.defaultValue).map {
                        (parameter.name, parameter.form.comparable($0))
                    }
                }, uniquingKeysWith: { first, _ in first }))
    }
}

/// The server or tenant at which an account is known.
package struct AccountTenant: Sendable, Hashable {
    /// As far as they are known, in one spelling.
    let values: [String: [UInt8]]

    /// Whether it is another one for certain. A value that only one of the two has says nothing: the entry may have got
    /// the parameter after the row was written.
    package func isOther(than other: AccountTenant) -> Bool {
        values.contains { name, value in other.values[name].map { $0 != value } ?? false }
    }
}

extension AccountScope.Parameter.Form {
    /// The value in one spelling.
    fileprivate func comparable(_ value: String) -> [UInt8] {
        var octets = Array(value.utf8)
        switch self {
        case .text: return octets
        case .host:
            let scheme = Array("https://".utf8)
            if octets.starts(with: scheme) { octets.removeFirst(scheme.count) }
            if octets.last == UInt8(ascii: "/") { octets.removeLast() }
            return octets.map(Self.lowercased)
        case .url:
            if octets.last == UInt8(ascii: "/") { octets.removeLast() }
            let slashes = octets.indices.filter { octets[$0] == UInt8(ascii: "/") }
            let end = slashes.count > 2 ? slashes[2] : octets.endIndex
            return octets[..<end].map(Self.lowercased) + octets[end...]
        }
    }

    private static func lowercased(_ octet: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(octet) ? octet | 0x20 : octet
    }
}
