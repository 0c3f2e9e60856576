/// The entries that come with the program, in the format of an operator's own file; one text per provider
/// family.
enum EmbeddedCatalog {
    static let files = [
        apple, atlassian, dropbox, generic, github, google, hubspot, linear, microsoft, notion, salesforce,
        shopify, slack, x, zoom,
    ]
}
