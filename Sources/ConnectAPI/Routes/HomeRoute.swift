internal import ConnectPages
internal import Hummingbird

/// The pages for people: `/try`, on which a flow is tried, and `/console` for operators. `/` is the one or the other.
struct HomeRoute: Sendable {
    private let tryPage: Page
    private let consolePage: Page
    private let isDevelopment: Bool

    /// - Parameter development: what the pages have in development mode; `nil` in production.
    init(path: String, development: HomePage.Development?, pages: Pages) {
        tryPage = pages.home(HomePage(path: path, development: development))
        consolePage = pages.console(ConsolePage(path: path, development: development))
        isDevelopment = development != nil
    }

    /// `GET /`: a newcomer wants to connect something, an operator to look after it.
    func home(_ request: Request, _ context: APIContext) -> Response {
        isDevelopment ? tryFlow(request, context) : console(request, context)
    }

    /// `GET /try`.
    func tryFlow(_ request: Request, _ context: APIContext) -> Response {
        PageResponse(tryPage, style: .home, scriptHash: HomeScript.hash, hasPictures: true).response
    }

    /// `GET /console`.
    func console(_ request: Request, _ context: APIContext) -> Response {
        PageResponse(consolePage, style: .console, scriptHash: ConsoleScript.hash).response
    }
}
