import Testing

@testable import Integrations

@Suite("About an entry") struct AboutTests {
    @Test func `an entry says where a client is registered, and how to find it`() throws {
        let text = entryText(
            """
            about:
              setup: https://example.com/apps
              categories: [crm, developer-tools]
              aliases: [acme]
              checked: 2026-11-28
              status: unproven
            """)
        let about = try #require(try catalog(text)["sample"]?.about)
        #expect(about.setup == "https://example.com/apps")
        #expect(about.categories == [.crm, .developerTools])
        #expect(about.aliases == ["acme"])
        #expect(about.checked == "2026-11-28")
        #expect(about.status == .unproven)
        #expect(try catalog(entryText())["sample"]?.about.status == .proven)
    }

    @Test(arguments: [
        ("about: {categories: [developer]}", "about.categories"),
        ("about: {categories: crm}", "about.categories"),
        ("about: {setup: example.com}", "about.setup"),
        ("about: {setup: \"http://example.com\"}", "about.setup"),
        ("about: {status: maybe}", "about.status"), ("about: {checked: yesterday}", "about.checked"),
        ("about: {checked: 2026-13-01}", "about.checked"), ("about: {checked: 2026-1-1}", "about.checked"),
        ("about: {sandbox_of: nobody}", "about.sandbox_of"), ("about: {colour: red}", "about.colour"),
    ]) func `what it cannot say is refused where it stands`(_ about: String, _ field: String) {
        let found = mistakes(entryText(about))
        #expect(found.map(\.field) == [field])
        #expect(found.allSatisfy { $0.line == 6 && $0.entry == "sample" }, "\(found)")
    }

    @Test func `a twin for trials is a sandbox, and its own name is not inherited`() throws {
        let heirs = """
              twin: {inherits: sample, about: {sandbox_of: sample}}
              heir: {inherits: twin}
            """
        let found = try catalog(entryText("about: {aliases: [acme], categories: [crm]}") + heirs)
        let twin = try #require(found["twin"])
        #expect(twin.isSandbox && twin.about.sandboxOf == "sample")
        #expect(twin.about.aliases == [] && twin.about.categories == [.crm])
        #expect(found["heir"]?.isSandbox == false && found["heir"]?.about.sandboxOf == nil)
    }
}
