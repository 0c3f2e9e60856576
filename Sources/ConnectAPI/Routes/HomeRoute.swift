internal import ConnectPages
internal import Hummingbird

/// `GET /`: the page for people.
struct HomeRoute: Sendable {
    private let page: Page

    init(_ home: HomePage, pages: Pages) { page = pages.home(home) }

    func callAsFunction(_ request: Request, _ context: APIContext) -> Response {
        PageResponse(page, style: .home, scriptHash: HomeScript.hash).response
    }
}
