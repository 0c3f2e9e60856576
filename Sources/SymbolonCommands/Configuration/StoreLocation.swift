/// Where connections are kept.
enum StoreLocation: Equatable {
    case sqlite(path: String)
    #if PostgreSQL
    /// May hold a password.
    case postgreSQL(url: String)
    #endif
    /// No store at all: the app's server gets the credentials.
    case nowhere

    /// The database's name in OpenTelemetry's semantic conventions; `nil` where there is none.
    var systemName: String? {
        switch self {
        case .sqlite: "sqlite"
        #if PostgreSQL
        case .postgreSQL: "postgresql"
        #endif
        case .nowhere: nil
        }
    }
}

/// Why a text says no place for a store.
enum StoreLocationError: Error {
    case unknown
    /// The program cannot speak to PostgreSQL.
    case notBuilt

    /// To come after the setting's name.
    var sentence: String {
        switch self {
        case .unknown:
            "must be sqlite:PATH, such as sqlite:/var/lib/symbolon/symbolon.sqlite, "
                + "postgresql://USER@HOST/DATABASE, or none"
        case .notBuilt:
            "is in PostgreSQL, and this program was built without it: install libpq-dev and build with "
                + "`swift build --traits PostgreSQL`"
        }
    }
}

extension StoreLocation {
    private static let schemes = ["postgresql://", "postgres://"]

    init(_ text: String) throws(StoreLocationError) {
        if text == "none" {
            self = .nowhere
        } else if text.hasPrefix("sqlite:"), text.utf8.count > 7 {
            self = .sqlite(path: String(text.dropFirst(7)))
        } else if Self.schemes.contains(where: text.hasPrefix) {
            #if PostgreSQL
            self = .postgreSQL(url: text)
            #else
            throw .notBuilt
            #endif
        } else {
            throw .unknown
        }
    }

    /// Whether the URL has a secret in it, as part of the authority or as a parameter.
    static func hasPassword(_ text: String) -> Bool { withoutPassword(text) != text }

    /// The URL without its secrets, for people.
    static func withoutPassword(_ text: String) -> String {
        guard let scheme = schemes.first(where: text.hasPrefix) else { return text }
        var rest = text.dropFirst(scheme.count)
        var shown = scheme
        if let at = endOfUser(rest) {
            let user = rest[..<at]
            shown += user.firstIndex(of: ":").map { "\(user[...$0])***" } ?? String(user)
            rest = rest[at...]
        }
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        shown += parts.first ?? ""
        guard parts.count == 2 else { return shown }
        let parameters = parts[1].split(separator: "&", omittingEmptySubsequences: false).map { parameter in
            let name = parameter.prefix { $0 != "=" }
            return name.lowercased().hasSuffix("password") ? "\(name)=***" : String(parameter)
        }
        return "\(shown)?\(parameters.joined(separator: "&"))"
    }

    /// The `@` after user and password. What should have been encoded and was not is a secret, too: `/`, `?`
    /// and `@`.
    private static func endOfUser(_ text: Substring) -> Substring.Index? {
        let query = text.firstIndex(of: "?") ?? text.endIndex
        if let at = text[..<query].lastIndex(of: "@") { return at }
        guard let at = text[query...].firstIndex(of: "@"), !text[query..<at].contains("=") else { return nil }
        return at
    }
}
