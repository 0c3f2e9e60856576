/// Catalog files that several suites write.
enum SampleCatalog {
    /// A provider on loopback whose codes may be long: its integration is `long`.
    static func long(at url: String) -> String {
        """
        integrations:
          long:
            label: Long codes
            documentation: https://www.rfc-editor.org/rfc/rfc6749
            authorization_endpoint: \(url)/authorize
            token_endpoint: \(url)/token
            pkce: supported
        """
    }
}
