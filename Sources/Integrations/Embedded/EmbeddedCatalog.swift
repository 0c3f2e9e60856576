/// The entries that come with the program, in the format of an operator's own file; one text per provider
/// family.
enum EmbeddedCatalog {
    static let files = [google, github, slack, microsoft, generic]
}
