internal import ConnectPages
internal import ConnectService
internal import Encodings
internal import Hummingbird
internal import Integrations

/// `GET /connect/{workspace_id}`, the page for an app's users, and the files beside it. They are public and hold no data.
struct ConnectPageRoutes: Sendable {
    private let workspaces: WorkspaceDirectory
    private let integrations: IntegrationRegistry
    private let pages: Pages
    /// The path of the service's public URL.
    private let path: String

    init(
        _ workspaces: WorkspaceDirectory, integrations: IntegrationRegistry, pages: Pages, path: String
    ) {
        self.workspaces = workspaces
        self.integrations = integrations
        self.pages = pages
        self.path = path
    }

    func show(_ request: Request, _ context: APIContext) -> Response {
        let name = context.parameters.get("name") ?? ""
        if let asset = ConnectAsset.all.first(where: { $0.name == name }) {
            return asset.response(knownTags: request.headers[.ifNoneMatch])
        }
        guard let workspace = workspace(name) else {
            let language = pages.language(request.headers[.acceptLanguage])
            let page = pages.failed(
                title: .noPage, detail: .noPageWords, errorCode: "not_found", canRestart: true,
                in: PageFrame(language))
            return PageResponse(page, status: .notFound).response
        }
        let origins =
            workspace.origins.allowsEveryLoopback ? ["*"] : workspace.origins.origins.map(\.text)
        return pages.connect(
            AppTheme(workspace, path: path), path: path, origins: origins,
            chosenLanguage: request.uri.queryParameters["lang"].map(String.init),
            acceptLanguage: request.headers[.acceptLanguage]
        ).response
    }

    func logo(_ request: Request, _ context: APIContext) throws -> Response {
        guard let logo = workspace(context.parameters.get("name") ?? "")?.branding.logo else {
            throw APIError.notFound
        }
        return LogoResponse(mediaType: logo.mediaType, octets: logo.octets).response
    }

    /// `GET /connect/integrations/{id}/logo`
    func integrationLogo(_ request: Request, _ context: APIContext) throws -> Response {
        guard let logo = context.parameters.get("id").flatMap({ integrations.logo(of: $0) }) else {
            throw APIError.notFound
        }
        return LogoResponse(mediaType: logo.mediaType, octets: logo.octets).response
    }

    /// - Parameter segment: of the path, where a workspace's id may be percent-encoded.
    private func workspace(_ segment: String) -> Workspace? {
        PercentEncoding.decodeSegment(segment).flatMap { workspaces[$0] }
    }
}
