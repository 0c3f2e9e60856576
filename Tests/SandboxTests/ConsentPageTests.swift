import Testing

@testable import ConnectPages
@testable import Sandbox

@Suite("ConsentPage") struct ConsentPageTests {
    private func page(_ text: String) throws -> Page {
        let client = SandboxClient(id: text, secret: "secret", redirectURI: text)
        let state = text.utf8.allSatisfy { 0x20...0x7E ~= $0 } ? text : "state"
        let request = SandboxBench.authorizationRequest.setting("client_id", text).setting(
            "redirect_uri", text
        )
        .setting("state", state)
        let consent = SandboxConsent(
            request: try SandboxAuthorizationRequest(request.parameters, client: client), oneTimeValue: text)
        return try Pages().consent(ConsentPage(consent, clientID: text))
    }

    @Test(arguments: hostileTexts)
    func `S14 what is put into the page stays text`(_ text: String) throws {
        #expect(!hasOtherMarkup(try page(text), than: try page("x")))
    }

    @Test func `the form sends all of the request again, and has two answers`() throws {
        let html = try page("x").html
        #expect(html.matches(of: /<input type="hidden" name="[a-z_]+" value="[^"]+">/).count == 8)
        #expect(html.contains("<form method=\"post\" action=\"authorize\">"))
        #expect(html.matches(of: /<button type="submit" name="answer" value="(allow|deny)"/).count == 2)
    }
}
