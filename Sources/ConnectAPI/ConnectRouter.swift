package import Access
internal import ConnectPages
package import ConnectService
package import Connections
internal import Encodings
package import Hummingbird
package import Logging
internal import NIOCore
internal import StateTokens

/// All routes of the service.
package struct ConnectRouter<Store: ConnectionStore>: Sendable {
    private let services: ConnectServices<Store>
    private let authenticator: Authenticator
    private let limits: RequestLimits
    private let proxies: TrustedProxies
    private let metrics: MetricsRoute?
    private let tracing: RequestTracing?
    private let deployment: DeploymentFacts?
    private let pages: Pages
    private let callbackPages: CallbackPages
    private let documentation: ErrorDocumentation?

    /// - Parameters:
    ///   - proxies: those before the service that say where a request comes from.
    ///   - metrics: what operators read under `/metrics`.
    ///   - tracing: makes a span of each request; `nil`: there are none.
    ///   - deployment: what they read of the process itself.
    package init(
        _ services: ConnectServices<Store>, authenticator: Authenticator,
        limits: RequestLimits = RequestLimits(), proxies: TrustedProxies = TrustedProxies(),
        metrics: MetricsRoute? = nil, tracing: RequestTracing? = nil, deployment: DeploymentFacts? = nil
    ) throws {
        self.services = services
        self.authenticator = authenticator
        self.limits = limits
        self.proxies = proxies
        self.metrics = metrics
        self.tracing = tracing
        self.deployment = deployment
        documentation = services.settings.documentationURL.map { ErrorDocumentation(siteURL: $0.description) }
        pages = try Pages(documentation: documentation)
        let publicURL = services.settings.publicURL
        callbackPages = CallbackPages(
            pages, workspaces: services.initiate.workspaces,
            confirmURL: "\(publicURL)\(ConfirmRoute<Store>.path)", path: publicURL.path)
    }

    /// - Parameter development: what development mode adds; `nil` in production.
    package func router(development: DevelopmentMode? = nil) -> Router<APIContext> {
        // HEAD is GET without content, except where a route has its own.
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RequestIDMiddleware())
        if let tracing { router.add(middleware: TraceMiddleware(tracing)) }
        router.add(middleware: RequestLog())
        router.add(middleware: CrossOriginMiddleware(services.sessions, authenticator: authenticator))
        router.add(middleware: ErrorMiddleware(documentation))
        router.add(middleware: GuardMiddleware(guards(development)))
        if let development {
            development.addRoutes(
                to: router, pages: pages, settings: services.settings, tracing: services.tracing,
                authenticator: authenticator)
        }
        let home = HomeRoute(
            path: services.settings.publicURL.path, development: development?.home, pages: pages)
        router.get("/", use: home.home)
        router.get("try", use: home.tryFlow)
        router.get("console", use: home.console)
        let connect = ConnectPageRoutes(
            services.initiate.workspaces, integrations: services.integrations, pages: pages,
            path: services.settings.publicURL.path)
        router.get("connect/:name", use: connect.show)
        router.get("connect/:name/logo", use: connect.logo)
        router.get("connect/integrations/:id/logo", use: connect.integrationLogo)
        addFlowRoutes(to: router)
        if services.settings.hasStore {
            addConnectionRoutes(to: router)
        } else {
            addStorelessRoutes(to: router)
        }
        let integrations = IntegrationRoutes(
            services.integrations, workspaces: services.initiate.workspaces, settings: services.settings,
            authenticator: authenticator, isOpen: development != nil)
        router.get("api/v1/integrations", use: integrations.list)
        router.get("api/v1/integrations/:id", use: integrations.show)
        let health = HealthRoutes(services.readiness)
        router.get("healthz", use: health.health)
        router.get("readyz", use: health.ready)
        if let metrics {
            router.get("metrics") { [authenticator] request, context in
                _ = try await authenticator.authenticate(request, .operate, context)
                return metrics.response
            }
        }
        router.get("api/v1/credential", use: CredentialRoute(authenticator).show)
        if let deployment {
            let route = DeploymentRoute(
                deployment, services.readiness, settings: services.settings, authenticator: authenticator,
                isDevelopment: development != nil)
            router.get("api/v1/deployment", use: route.show)
            let levels = LogLevelRoutes(
                deployment.logLevels, replica: deployment.replica, authenticator: authenticator)
            router.get("api/v1/log-levels", use: levels.show)
            router.patch("api/v1/log-levels", use: levels.change)
        }
        let document = description
        router.get("openapi.json") { _, _ in Response.json(octets: document) }
        router.add(middleware: MethodMiddleware(router))
        return router
    }

    /// The API's description. Paths in it are relative to the server, which under a path has to be named.
    private var description: [UInt8] {
        let text = EmbeddedFile.openapi_json.text
        let publicURL = services.settings.publicURL
        guard !publicURL.path.isEmpty else { return Array(text.utf8) }
        let servers = JSONOutput.object { answer in
            answer.array("servers") { list in
                list.object { $0.member("url", publicURL.description) }
            }
        }
        // The member without the braces of the object that it was written in.
        let member = String(decoding: servers.dropFirst().dropLast(), as: UTF8.self)
        return Array(text.replacing(#""servers": []"#, with: member, maxReplacements: 1).utf8)
    }

    /// What is answered on the event loop, before the router is asked: initiates, callbacks, and tokens that
    /// need no refresh.
    package func eventLoopResponder(
        development: DevelopmentMode? = nil, logger: Logger
    ) -> any ImmediateResponder {
        EventLoopResponder(
            initiateRoute, callbackRoute,
            ConnectionRoutes(services, authenticator: authenticator), hasStore: services.settings.hasStore,
            guards: guards(development), audit: services.audit, tracing: tracing,
            documentation: documentation, logger: logger)
    }

    private func guards(_ development: DevelopmentMode?) -> RequestGuards {
        RequestGuards(
            limits, proxies: proxies, development: development.map { DevelopmentGuard(port: $0.port) })
    }

    private var initiateRoute: InitiateRoute {
        InitiateRoute(services.initiate, authenticator: authenticator, audit: services.audit)
    }

    private var callbackRoute: CallbackRoute<Store> {
        CallbackRoute(services, pages: callbackPages, limits: limits)
    }

    private func addFlowRoutes(to router: Router<APIContext>) {
        let initiate = initiateRoute
        router.post(RouterPath(InitiateRoute.path)) { try await initiate.answer($0, $1) }
        let session = SessionRoute(
            services.createSession, authenticator: authenticator, audit: services.audit)
        router.post(RouterPath(SessionRoute.path)) { try await session.answer($0, $1) }
        let complete = CompleteRoute(services, authenticator: authenticator)
        router.post("api/v1/oauth/complete") { try await complete.answer($0, $1) }
        let confirm = ConfirmRoute(services, pages: callbackPages, limits: limits)
        router.post(RouterPath(ConfirmRoute<Store>.path)) { try await confirm.answer($0, $1) }
        let callback = callbackRoute
        for path in ["callback/:integration_id", "callback/:integration_id/:context"] {
            router.get("api/v1/oauth/\(path)") { try await callback.answer($0, $1) }
            router.post("api/v1/oauth/\(path)") { try await callback.answer($0, $1) }
            router.head("api/v1/oauth/\(path)", use: callback.head)
        }
    }

    /// Without a store there is no connection to list, read, refresh or delete, and the answer says why.
    private func addStorelessRoutes(to router: Router<APIContext>) {
        let noStore: @Sendable (Request, APIContext) throws -> Response = { _, _ in throw APIError.noStore }
        router.get("api/v1/connections", use: noStore)
        router.post("api/v1/connections", use: noStore)
        router.get("api/v1/connections/users/:user_id", use: noStore)
        router.get("api/v1/connections/integrations/:integration_id/requirements", use: noStore)
        router.post("api/v1/connections/validate", use: noStore)
        router.post("api/v1/connections/:id/test", use: noStore)
        router.get("api/v1/connections/:id", use: noStore)
        router.patch("api/v1/connections/:id", use: noStore)
        router.put("api/v1/connections/:id", use: noStore)
        router.delete("api/v1/connections/:id", use: noStore)
        router.get("api/v1/connections/:id/token", use: noStore)
        router.get("api/v1/connections/:id/events", use: noStore)
        router.post("api/v1/oauth/refresh/:id", use: noStore)
        router.post("api/v1/revocations", use: noStore)
        router.get("api/v1/revocations/:id", use: noStore)
        router.get("api/v1/revocations/:id/grants", use: noStore)
    }

    private func addConnectionRoutes(to router: Router<APIContext>) {
        let connections = ConnectionRoutes(services, authenticator: authenticator)
        router.get("api/v1/connections", use: connections.list)
        router.get("api/v1/connections/users/:user_id", use: connections.listOfUser)
        router.get("api/v1/connections/:id", use: connections.show)
        router.patch("api/v1/connections/:id", use: connections.change)
        router.put("api/v1/connections/:id", use: connections.change)
        router.delete("api/v1/connections/:id", use: connections.delete)
        router.get("api/v1/connections/:id/token", use: connections.token)
        router.get("api/v1/connections/:id/events", use: connections.events)
        router.post("api/v1/oauth/refresh/:id", use: connections.refresh)
        let imports = ImportRoutes(services, authenticator: authenticator)
        router.post("api/v1/connections", use: imports.add)
        router.post("api/v1/connections/validate", use: imports.validate)
        router.post("api/v1/connections/:id/test", use: imports.test)
        router.get(
            "api/v1/connections/integrations/:integration_id/requirements", use: imports.requirements)
        let revocations = RevocationRoutes(services, authenticator: authenticator)
        router.post("api/v1/revocations", use: revocations.begin)
        router.get("api/v1/revocations/:id", use: revocations.show)
        router.get("api/v1/revocations/:id/grants", use: revocations.grants)
    }
}
