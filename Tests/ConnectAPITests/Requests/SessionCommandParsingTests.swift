import ConnectService
import Testing

@testable import ConnectAPI

@Suite("SessionCommand") struct SessionCommandParsingTests {
    private func parse(_ text: String) throws(RequestValidationError) -> SessionCommand {
        try SessionCommand.parse(Array(text.utf8).span, contentType: "application/json")
    }

    private func places(_ text: String) -> [String] {
        do throws(RequestValidationError) {
            _ = try parse(text)
            return []
        } catch {
            return error.issues.map { issue in
                let place = issue.loc.dropFirst().map { element in
                    switch element {
                    case .name(let name): name
                    case .index(let index): "\(index)"
                    }
                }
                return "\(place.joined(separator: ".")) \(issue.type)"
            }
        }
    }

    @Test func `every field is read, and all but the user's id may be left out`() throws {
        let command = try parse(
            """
            {"user_id": "u", "user_label": "Ada", "integrations": ["gmail"], "scopes": ["a"], "params": {"shop": "x"},
             "redirect_uri": "https://a.example/", "tags": {"plan": "team"}, "label": "Mail",
             "connection_id": "conn_1", "origins": ["https://a.example"], "disconnect": true, "lifetime": 60}
            """)
        #expect(command.userID == "u")
        #expect(command.userLabel == "Ada")
        #expect(command.integrationIDs == ["gmail"])
        #expect(command.scopes == ["a"])
        #expect(command.parameters == ["shop": "x"])
        #expect(command.redirectURI == "https://a.example/")
        #expect(command.tags == ["plan": "team"])
        #expect(command.label == "Mail")
        #expect(command.connectionID == "conn_1")
        #expect(command.origins == ["https://a.example"])
        #expect(command.mayDisconnect)
        #expect(command.lifetime == .seconds(60))
        for text in [
            #"{"user_id": "u"}"#, #"{"user_id": "u", "disconnect": null, "lifetime": null, "scopes": null}"#,
        ] {
            let short = try parse(text)
            #expect(!short.mayDisconnect)
            #expect(short.lifetime == nil)
            #expect(short.scopes.isEmpty)
        }
    }

    @Test(arguments: [
        ("{}", ["user_id missing"]), (#"{"user_id": null}"#, ["user_id string_type"]),
        (#"{"user_id": "u", "lifetime": 59}"#, ["lifetime greater_than_equal"]),
        (#"{"user_id": "u", "lifetime": 86401}"#, ["lifetime less_than_equal"]),
        (#"{"user_id": "u", "lifetime": 1.5}"#, ["lifetime int_type"]),
        (#"{"user_id": "u", "lifetime": "60"}"#, ["lifetime int_type"]),
        (#"{"user_id": "u", "disconnect": "true"}"#, ["disconnect bool_type"]),
        (#"{"user_id": "u", "disconnect": 1}"#, ["disconnect bool_type"]),
        (#"{"user_id": "u", "integrations": "gmail"}"#, ["integrations list_type"]),
        (#"{"user_id": "u", "origins": [1]}"#, ["origins.0 string_type"]),
        (#"{"user_id": "u", "tags": {"a": 1}}"#, ["tags.a string_type"]),
        (#"{"user_id": "u", "tags": {"": "x"}}"#, ["tags..[key] string_too_short"]),
        // It may have been meant as a limit.
        (#"{"user_id": "u", "integration": "gmail"}"#, ["integration extra_forbidden"]),
    ]) func `S42 what is no session is refused by its place`(_ text: String, _ issues: [String]) {
        #expect(places(text) == issues)
    }

    @Test func `S47 lists, tags and labels have their bounds`() {
        func list(_ count: Int) -> String { Array(repeating: "\"a\"", count: count).joined(separator: ",") }
        #expect(places(#"{"user_id": "u", "scopes": [\#(list(100))]}"#) == [])
        #expect(places(#"{"user_id": "u", "scopes": [\#(list(101))]}"#) == ["scopes too_long"])
        let tags = (0..<11).map { "\"\($0)\": \"x\"" }.joined(separator: ",")
        #expect(places(#"{"user_id": "u", "tags": {\#(tags)}}"#) == ["tags too_long"])
        let long = String(repeating: "x", count: 256)
        #expect(places(#"{"user_id": "u", "label": "\#(long)"}"#) == ["label string_too_long"])
        #expect(places(#"{"user_id": "u", "tags": {"a": "\#(long)"}}"#) == ["tags.a string_too_long"])
    }
}
