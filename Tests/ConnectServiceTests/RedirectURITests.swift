import ConnectService
import Testing

@Suite("RedirectURI") struct RedirectURITests {
    @Test(arguments: [
        "https://app.example.com", "https://app.example.com/",
        "https://app.example.com/oauth/done?tenant=a&x=%2F",
        "https://app.example.com:8443/done", "HTTPS://APP.EXAMPLE.COM/done", "https://xn--bcher-kva.example/",
        "https://[2001:db8::1]/done", "https://[2001:db8::1]:8443/done", "https://192.0.2.7/done",
        "http://127.0.0.1/done", "http://127.0.0.1:3000/done", "http://[::1]:3000/done",
        "http://localhost:3000/done",
        "com.example.app:/done", "com.example.app://done",
        "https://app.example.com/~user/a;b=c/(d)!$&'*+,=:@",
    ])
    func `a plain absolute URI is taken as it is`(_ text: String) throws {
        #expect(try RedirectURI(text).text == text)
    }

    @Test(arguments: [
        "", "done", "/done", "//evil.example/done", "app.example.com/done", "https", "https:", "https:/",
        "https:done",
        "https:/app.example.com/done", "?next=https://app.example.com", "://app.example.com", ":",
        "1https://a.example/",
        "-x.y:/a",
    ])
    func `S13 what is not absolute is refused`(_ text: String) {
        #expect(throws: RedirectURIError.notAbsolute) { try RedirectURI(text) }
    }

    @Test(arguments: [
        "/\\evil.example", "https:\\\\evil.example", "https://app.example.com\\@evil.example/",
        "https://app.example.com/\\evil.example", "https://evil.example\\.app.example.com/",
        "https://app.example.com/done#", "https://app.example.com/done#fragment",
        "https://app.example.com#@evil.example/",
        "https://app.example.com/a b", " https://app.example.com/", "https://app.example.com/ ",
        "https://app.example.com/\t", "ht\ttps://app.example.com/", "java\nscript:alert(1)",
        "\u{0}https://a.example/",
        "https://app.example.com/\r\nSet-Cookie: a=b", "https://app.example.com/\u{7f}",
        "https://app.example.com/\u{1}",
        "https://app.example.com/<script>", "https://app.example.com/\"", "https://app.example.com/{a}",
        "https://app.example.com/a|b", "https://app.example.com/^", "https://app.example.com/`",
    ])
    func `S13 white space, controls, backslashes and fragments are refused`(_ text: String) {
        #expect(throws: RedirectURIError.forbiddenCharacter) { try RedirectURI(text) }
    }

    @Test(arguments: [
        "https://app.example.com/%20", "https://app.example.com/%09", "https://app.example.com/%0a",
        "https://app.example.com/%0D%0ASet-Cookie:%20a", "https://app.example.com/%00",
        "https://app.example.com/%7F",
        "https://app.example.com/%1f", "https://app.example.com/?a=%0A", "https://app.example.com/%",
        "https://app.example.com/%2", "https://app.example.com/%zz", "https://app.example.com/%-1",
        "https://app.example.com/%+1", "https://app.example.com/%%20",
    ])
    func `S13 an encoded white space or control, and a broken escape, are refused`(_ text: String) {
        #expect(throws: RedirectURIError.forbiddenCharacter) { try RedirectURI(text) }
    }

    @Test(arguments: [
        "https://app.éxample.com/", "https://аpp.example.com/", "https://app.example.com/é",
        "https://app.example.com/\u{212a}", "https://app.example.com\u{3002}evil.example/",
        "https://app.example.com\u{ff0f}evil.example/", "https://app.example.com/\u{200b}",
        "https://app.example.com/\u{202e}", "\u{feff}https://app.example.com/",
        "https://app.example.com/\u{a0}",
        "https://app.example.com/e\u{301}",
    ])
    func `S13 letters beyond ASCII are refused`(_ text: String) {
        #expect(throws: RedirectURIError.forbiddenCharacter) { try RedirectURI(text) }
    }

    @Test(arguments: [
        "javascript:alert(1)", "JavaScript:alert(1)", "JAVASCRIPT://app.example.com/%2F",
        "vbscript:msgbox(1)",
        "data:text/html,hello", "data:text/html;base64,PHNjcmlwdD4=", "file:///etc/passwd",
        "file://app.example.com/a",
        "blob:https://app.example.com/x", "about:blank", "ftp://app.example.com/", "ws://app.example.com/",
        "view-source:https://app.example.com/", "intent://app.example.com/", "mailto:a@example.com",
        "urn:ietf:wg:oauth:2.0:oob", "com.example.app://", "x:y", "httpss://app.example.com/",
    ])
    func `S13 any scheme but https and an app's own is refused`(_ text: String) {
        #expect(throws: RedirectURIError.forbiddenScheme) { try RedirectURI(text) }
    }

    @Test(arguments: [
        "http://app.example.com/", "http://127.0.0.2/", "http://127.1/", "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/", "http://0.0.0.0/", "http://localhost.evil.example/", "http://evil-localhost/",
        "http://localhost./", "http://127.0.0.1.evil.example/", "http://[::ffff:127.0.0.1]/", "http://[::]/",
        "http://[0:0:0:0:0:0:0:1]/", "HTTP://app.example.com/", "http://10.0.0.1/", "http://app.localhost/",
    ])
    func `S13 http leads to the machine itself and nowhere else`(_ text: String) {
        #expect(throws: RedirectURIError.insecure) { try RedirectURI(text) }
    }

    @Test(arguments: [
        "https://app.example.com@evil.example/", "https://user:secret@app.example.com/",
        "https://@app.example.com/",
        "https://app.example.com:443@evil.example/", "https://a@b@c/", "http://127.0.0.1:80@evil.example/",
        "https://app.example.com%40@evil.example/", "https://[::1]@evil.example/",
    ])
    func `S13 user information is refused`(_ text: String) {
        #expect(throws: RedirectURIError.userInformation) { try RedirectURI(text) }
    }

    @Test(arguments: [
        "https:///evil.example", "https:////evil.example", "https://", "https://?a", "https://:443/",
        "https://./",
        "https://.example.com/", "https://a..b/", "https://app.example.com:/",
        "https://app.example.com:65536/",
        "https://app.example.com:99999/", "https://app.example.com:123456/", "https://app.example.com:+443/",
        "https://app.example.com:-0/", "https://app.example.com:0x50/", "https://app.example.com:a/",
        "https://app.example.com:443:443/", "https://app.example.com:443evil/",
        "https://app.example.com%2eevil/",
        "https://app.example.com%2f/", "https://a,b/", "https://a;b/", "https://a'b/",
        "https://[::1/", "https://::1]/", "https://[::1]evil.example/", "https://[::1].evil.example/",
        "https://[::1]:/", "https://[::1]:-0/", "https://[::g]/", "https://[fe80::1%25eth0]/",
        "https://[[::1]]/", "https://[:::]/", "https://[1]/", "https://[127.0.0.1]/",
        "https://[]/", "https://[v1.a]/", "https://a[::1]/", "http://127.0.0.1:-0/", "http://[::1]:+1/",
    ])
    func `S13 what is no proper host or port is refused`(_ text: String) {
        #expect(throws: RedirectURIError.badHost) { try RedirectURI(text) }
    }

    @Test func `S28 a URI of 512 octets is taken, and one more is too long`() throws {
        let longest = "https://app.example.com/".padding(to: 512)
        #expect(try RedirectURI(longest).text == longest)
        #expect(throws: RedirectURIError.tooLong) { try RedirectURI(longest + "a") }
        #expect(throws: RedirectURIError.tooLong) {
            try RedirectURI(String(repeating: "\u{1}", count: 100_000))
        }
    }

    @Test func `every refusal says what is wrong`() {
        let errors: [RedirectURIError] = [
            .tooLong, .forbiddenCharacter, .notAbsolute, .insecure, .forbiddenScheme, .userInformation,
            .badHost,
        ]
        #expect(Set(errors.map(\.description)).count == errors.count)
    }
}

extension String {
    /// Filled with `a` until it has `count` octets.
    func padding(to count: Int) -> String { self + String(repeating: "a", count: count - utf8.count) }
}
