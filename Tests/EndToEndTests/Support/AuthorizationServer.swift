import Foundation
import TestSupport
import Testing

/// An authorization server that we did not write, and what it offers.
///
/// All of them have the users and clients of `Servers/provider.py`, which are canaille's, too.
struct AuthorizationServer: Sendable, CustomTestStringConvertible {
    typealias Client = CanailleServer.Client
    typealias User = CanailleServer.User

    /// What not every server can do.
    enum Feature: Sendable {
        /// A button on the consent page that says no.
        case denial
        /// The error response to a denial has no `state` (RFC 6749 §4.1.2.1 requires it).
        case denialWithoutState
        /// An address that ends all grants of a user, as users do on a page of their provider.
        case endingOfGrants
        /// `iss` in error responses, too.
        case issuerInErrors
        /// `iss` in authorization responses (RFC 9207), promised in the document of the issuer.
        case issuerPromised
        /// `response_mode=form_post`.
        case formPost
        /// Public clients may revoke.
        case revocationByPublicClients
        /// Revoking the refresh token ends the access token, too.
        case revocationOfAccess
        /// A new refresh token at each refresh.
        case rotation
        /// `revocation_endpoint` in the issuer's document.
        case revocationInDocument
    }

    /// The script in `Servers`, without `-server.py`.
    let name: String
    let authorizationPath: String
    let tokenPath: String
    /// `nil` where it revokes nothing.
    let revocationPath: String?
    let userInfoPath: String
    let features: Set<Feature>
    /// How its clients with Basic authenticate: `client_authentication` of the integration.
    var basic = "client_secret_basic"
    /// The secret of its client with Basic, where it cannot read that of `provider.py`.
    var basicSecret: String?
    /// The clients that live by it for long; others may begin.
    var clients = Client.all
    /// The error by which the app is told of a denial.
    var denial = "access_denied"
    /// The buttons of its consent page: name and value.
    var allow = HTMLForm.Button(name: nil, value: "")
    var deny = HTMLForm.Button(name: nil, value: "")

    var testDescription: String { name }

    static let all = [authlib, django, glewlwyd, idpyoidc, lemonldap, oidcProviderMock]

    /// It has `form_post` for ID tokens only, not for codes.
    static let authlib = AuthorizationServer(
        name: "authlib", authorizationPath: "/authorize", tokenPath: "/token", revocationPath: "/revoke",
        userInfoPath: "/userinfo",
        features: [
            .denial, .issuerInErrors, .issuerPromised, .rotation, .revocationInDocument,
            .revocationByPublicClients, .revocationOfAccess,
        ],
        allow: HTMLForm.Button(name: "answer", value: "yes"),
        deny: HTMLForm.Button(name: "answer", value: "no"))

    /// It has no `form_post`, and its errors have no `iss`, though its document promises one. Its issuer has a path.
    static let django = AuthorizationServer(
        name: "django-oauth-toolkit", authorizationPath: "/o/authorize/", tokenPath: "/o/token/",
        revocationPath: "/o/revoke_token/", userInfoPath: "/o/userinfo/",
        features: [
            .denial, .issuerPromised, .rotation, .revocationByPublicClients,
            .revocationOfAccess,
        ],
        allow: HTMLForm.Button(name: "allow", value: "Authorize"),
        deny: HTMLForm.Button(name: nil, value: "Cancel"))

    /// Its pages are scripts that log in and consent by an API, and know no way to say no. The document does not
    /// promise `iss`, and `iss` is encoded once too often in a form, so that only an integration that knows no issuer can
    /// take it. It does not undo the form encoding of Basic (RFC 6749 §2.3.1). Public clients
    /// cannot revoke, and access tokens outlive their grant. An unknown code is `invalid_code`.
    static let glewlwyd = AuthorizationServer(
        name: "glewlwyd", authorizationPath: "/api/oidc/auth", tokenPath: "/api/oidc/token",
        revocationPath: "/api/oidc/revoke", userInfoPath: "/api/oidc/userinfo",
        features: [.formPost, .rotation, .revocationInDocument], basic: "basic_unencoded")

    /// It has no consent page, so that nobody can say no, and no `iss`. A refresh needs `client_id` in the body beside
    /// Basic. Access tokens outlive their grant.
    static let idpyoidc = AuthorizationServer(
        name: "idpyoidc", authorizationPath: "/authorization", tokenPath: "/token",
        revocationPath: "/revocation", userInfoPath: "/userinfo",
        features: [.formPost, .rotation, .revocationInDocument, .revocationByPublicClients], basic: "both")

    /// Its refresh tokens stay the same, and it revokes nothing. It has no `iss`, and calls a denial
    /// `consent_required`. Of Basic it reads no secret with a colon, nor Base64 with `+` or `/`. A script of its consent
    /// page puts a minus before the form's `confirm` where the user refuses.
    static let lemonldap = AuthorizationServer(
        name: "lemonldap-ng", authorizationPath: "/oauth2/authorize", tokenPath: "/oauth2/token",
        revocationPath: nil, userInfoPath: "/oauth2/userinfo", features: [.denial, .formPost],
        basicSecret: "basic-secret-fixed-for-these-tests", denial: "consent_required",
        deny: HTMLForm.Button(name: "confirm", value: "-"))

    /// Its document names neither how clients authenticate nor PKCE, which it does not know and so passes over. Whoever
    /// types a name is that user. Its refresh tokens stay the same, and it revokes nothing for clients. It refreshes by
    /// Basic alone, whatever a client is registered with, and takes no public client.
    static let oidcProviderMock = AuthorizationServer(
        name: "oidc-provider-mock", authorizationPath: "/oauth2/authorize", tokenPath: "/oauth2/token",
        revocationPath: nil, userInfoPath: "/userinfo",
        features: [.denial, .denialWithoutState, .endingOfGrants], clients: [.basic],
        allow: HTMLForm.Button(name: "sub", value: "ada"),
        deny: HTMLForm.Button(name: "action", value: "deny"))
}

extension AuthorizationServer {
    /// Whether connections of a client live on.
    func takes(_ client: Client) -> Bool { clients.contains { $0.id == client.id } }

    /// Starts it on a free port. The first time, its packages are installed from PyPI.
    ///
    /// - Parameter redirectURIs: those of every client.
    func start(redirectURIs: [String]) async throws -> RunningAuthorizationServer {
        let folder = try TemporaryFolder()
        let process = try ServerProcess(
            "/usr/bin/env",
            ["python3", ServerScript.path("\(name)-server.py")]
                + ["--parent", String(ProcessInfo.processInfo.processIdentifier)]
                + redirectURIs.flatMap { ["--redirect-uri", $0] },
            environment: ["TMPDIR": folder.path], workingDirectory: folder.url,
            logFile: folder.url.appending(path: "log"))
        let ready = try await process.waitForLine(within: .seconds(300)) { $0.hasPrefix("ready http") }
        return RunningAuthorizationServer(
            server: self, issuer: String(ready.dropFirst("ready ".count)), process: process, folder: folder)
    }
}
