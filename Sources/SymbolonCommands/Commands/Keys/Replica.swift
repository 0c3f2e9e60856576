import ArgumentParser
import FoundationEssentials

/// A replica as the command line names it: the URL at which it answers itself.
struct Replica: ExpressibleByArgument, Hashable {
    /// Without `/readyz`.
    let url: String

    /// Reads `http://HOST[:PORT][/PATH]`, or https; user names and queries are none of it.
    init?(argument: String) {
        guard let parsed = URL(string: argument), ["http", "https"].contains(parsed.scheme?.lowercased()),
            let host = parsed.host(), !host.isEmpty, parsed.user() == nil, parsed.password() == nil,
            parsed.query() == nil, parsed.fragment() == nil
        else { return nil }
        var text = argument
        while text.hasSuffix("/") { text.removeLast() }
        let suffix = "/readyz"
        url = text.hasSuffix(suffix) ? String(text.dropLast(suffix.count)) : text
    }

    var readinessURL: String { "\(url)/readyz" }
}
