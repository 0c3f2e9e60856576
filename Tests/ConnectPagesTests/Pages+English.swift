@testable import ConnectPages

/// The pages as a reader sees them whose browser says nothing of languages, in no app's look.
extension Pages {
    var english: PageFrame { PageFrame(languages[0]) }

    func connected(integrationLabel: String, connectionID: String) -> Page {
        connected(integrationLabel: integrationLabel, connectionID: connectionID, in: english)
    }

    func working() -> Page { working(in: english) }

    func providerUnreachable() -> Page { providerUnreachable(in: english) }

    func storeUnavailable() -> Page { storeUnavailable(in: english) }

    func screen(_ page: ScreenPage) -> Page { screen(page, in: english) }
}
