import Foundation
import TestSupport

/// A page in a browser, and what a person does with it.
struct ChromiumTab: Sendable {
    let browser: Chromium
    let session: String

    init(_ browser: Chromium, session: String) {
        self.browser = browser
        self.session = session
    }

    /// Makes it as large and as dark as the browser's view says, and collects what goes wrong in it from now on.
    func prepare() async throws {
        try await browser.send("Page.enable", session: session)
        try await show(in: browser.view)
        try await watch()
    }

    /// Makes it as large and as dark as another browser's.
    func show(in view: Chromium.View) async throws {
        try await browser.send(
            "Emulation.setDeviceMetricsOverride",
            [
                "width": .number(view.width), "height": .number(view.height), "deviceScaleFactor": .number(1),
                "mobile": .flag(view.width < 600),
            ], session: session)
        try await browser.send(
            "Emulation.setEmulatedMedia",
            ["features": .list([["name": "prefers-color-scheme", "value": view.isDark ? "dark" : "light"]])],
            session: session)
    }

    /// Prefers a language, as its owner may in the settings: in `Accept-Language`, and for its pages' scripts.
    func prefer(_ language: String) async throws {
        try await browser.send(
            "Emulation.setUserAgentOverride",
            ["userAgent": .text(try await value("navigator.userAgent")), "acceptLanguage": .text(language)],
            session: session)
    }

    private func watch() async throws {
        let watching = """
            window.violations ??= [];
            document.addEventListener('securitypolicyviolation', (event) =>
                violations.push(`${event.violatedDirective} ${event.blockedURI}`));
            window.addEventListener('error', (event) => violations.push(event.message));
            window.addEventListener('unhandledrejection', (event) => violations.push(String(event.reason)));
            """
        try await runFirst(watching)
    }

    /// Runs a script in each document from the next one on, frames included, before its own.
    func runFirst(_ script: String) async throws {
        try await browser.send(
            "Page.addScriptToEvaluateOnNewDocument", ["source": .text(script)], session: session)
    }

    func open(_ url: String) async throws {
        try await browser.send("Page.navigate", ["url": .text(url)], session: session)
        try await wait("location.href !== 'about:blank' && document.readyState === 'complete'")
    }

    /// The value of an expression, as a person's own gesture would get it.
    func value<Value: Decodable>(
        _ expression: String, as type: Value.Type = Value.self
    ) async throws -> Value {
        let answer = try await browser.send(
            "Runtime.evaluate",
            [
                "expression": .text(expression), "returnByValue": .flag(true), "awaitPromise": .flag(true),
                "userGesture": .flag(true),
            ], session: session, as: Evaluated<Value>.self)
        if let problem = answer.exceptionDetails {
            throw ChromiumError.script(problem.exception?.description ?? problem.text)
        }
        guard let value = answer.result.value else { throw ChromiumError.script("no value: \(expression)") }
        return value
    }

    func run(_ script: String) async throws {
        _ = try await value("(() => { \(script); return true; })()", as: Bool.self)
    }

    /// Returns when `condition` holds. Pages come and go meanwhile, so that it may fail before it does.
    func wait(_ condition: String, within limit: Duration = .seconds(15)) async throws {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if (try? await value("!!(\(condition))", as: Bool.self)) == true { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw ChromiumError.neverTrue(condition, page: (try? await text()) ?? "")
    }

    /// Presses what `selector` finds, once it is there.
    func press(_ selector: String) async throws {
        let found = "document.querySelector(\(Self.quoted(selector)))"
        try await wait("\(found)?.checkVisibility()")
        try await run("\(found).click()")
    }

    func type(_ text: String, into selector: String) async throws {
        let found = "document.querySelector(\(Self.quoted(selector)))"
        try await wait(found)
        try await run("\(found).value = \(Self.quoted(text)); \(found).dispatchEvent(new Event('input'))")
    }

    func text() async throws -> String { try await value("document.body.innerText") }

    func url() async throws -> String { try await value("location.href") }

    /// What the page's policy stopped, and what its script did not catch.
    func violations() async throws -> [String] { try await value("window.violations ?? []") }

    /// A picture of the whole page, as PNG.
    func screenshot() async throws -> Data {
        struct Shot: Decodable { let data: Data }
        let shot = try await browser.send(
            "Page.captureScreenshot", ["format": .text("png"), "captureBeyondViewport": .flag(true)],
            session: session, as: Shot.self)
        return shot.data
    }

    static func quoted(_ text: String) -> String {
        String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
    }
}

/// What an expression came to.
private struct Evaluated<Value: Decodable>: Decodable {
    struct Object: Decodable { let value: Value? }
    struct Details: Decodable {
        let text: String
        let exception: Exception?
    }
    struct Exception: Decodable { let description: String? }

    let result: Object
    let exceptionDetails: Details?
}
