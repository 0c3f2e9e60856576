/// Entries of an operator's catalog.
enum Catalogs {
    static func sample(at url: String = "http://127.0.0.1:9", id: String = "sample", _ extra: String = "")
        -> String
    {
        """
        integrations:
        \(entry(at: url, id: id, extra))
        """
    }

    static func entry(at url: String = "http://127.0.0.1:9", id: String, _ extra: String = "") -> String {
        let lines = """
              \(id):
                label: Sample
                documentation: https://example.com/docs
                authorization_endpoint: https://\(id).example.com/authorize
                token_endpoint: \(url)/token/\(id)
                revocation_endpoint: \(url)/revoke
                account: {id: account_id}
                default_scopes: [read, write]

            """
        return lines + extra.split(separator: "\n").map { "    \($0)\n" }.joined()
    }
}
