import Testing

@testable import ConnectAPI

@Suite("ConfirmRoute") struct ConfirmRouteTests {
    @Test(arguments: [
        ("https://app.example.com/done?x=1", "https://app.example.com"),
        ("HTTPS://App.Example.com?x", "https://App.Example.com"),
        ("http://127.0.0.1:4000/done", "http://127.0.0.1:4000"), ("http://localhost", "http://localhost"),
        ("http://[::1]:4000/done", "http:"), ("com.example.app:/done", "com.example.app:"),
        ("com.example.app://done;x", "com.example.app:"), ("nothing", "'none'"),
    ])
    func `a redirect URI is covered by its origin, or by its scheme`(_ uri: String, _ source: String) {
        #expect(FormTarget.source(of: uri) == source)
    }

    @Test func `the form has a ticket and a yes or a no, in any order`() {
        #expect(
            ScreenForm(Array("ticket=a-_1&answer=yes".utf8)).map { $0.isYes && $0.ticket == "a-_1" } == true)
        #expect(ScreenForm(Array("answer=no&ticket=a".utf8)).map { !$0.isYes } == true)
    }

    @Test(arguments: [
        "", "ticket=a", "answer=yes", "ticket=a&answer=", "ticket=a&answer=Yes", "ticket=a&answer=true",
        "ticket=a&answer=yes&answer=no", "ticket=a&answer=yes&x=1", "ticket=a&ticket=b",
        "answer=yes&answer=yes",
    ])
    func `S43 anything else is no answer`(_ form: String) {
        #expect(ScreenForm(Array(form.utf8)) == nil)
    }
}
