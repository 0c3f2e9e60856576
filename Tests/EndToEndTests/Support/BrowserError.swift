/// What a person would notice, and a test must.
enum BrowserError: Error, Equatable {
    case notAURL(String)
    /// The form on the page has no such field.
    case noField(String)
    /// The page has no form, or no button, like the one asked for.
    case nothingToPress(on: String, body: String)
    case tooManyRedirects(String)
    /// A 307 or 308 would send a form again; no test here needs that.
    case redirectOfForm(String)
}
