import Foundation
import Keyrings
import StateTokens
import TestSupport
import Testing

@Suite("symbolon state inspect refuses") struct StateInspectRefusalTests {
    let samples: StateSamples

    init() throws { samples = try StateSamples() }

    /// Expects a refusal, for people and for programs.
    private func expect(
        _ token: String, in samples: StateSamples? = nil, verdict: String, saying words: String,
        tagHolds: Bool?, showsContents: Bool = false
    ) async throws {
        let samples = samples ?? self.samples
        let people = try await samples.inspect(token)
        #expect(people.status == 1)
        #expect(people.errors.hasPrefix("error: "))
        #expect(people.errors.contains(words), "\(people.errors)")
        #expect(people.output.contains("wsp_123456789") == showsContents)
        let programs = try await samples.inspect(token, "--json")
        #expect(programs.status == 1)
        let json = try programs.json
        #expect(json["verdict"] as? String == verdict)
        #expect(json["tag_holds"] as? Bool == tagHolds)
        #expect((json["state"] is NSNull) != showsContents)
        for run in [people, programs] {
            for secret in StateSamples.secrets { #expect(!run.everything.contains(secret)) }
            #expect(try !KeyringSecrets(in: samples.folder, "state.keyring").leak(in: run))
        }
    }

    @Test func `an expired state is explained, with how long ago`() async throws {
        let token = try samples.token(StateSamples.full(issuedAt: .now() - .seconds(600 + 185)))
        try await expect(
            token.text, verdict: "expired", saying: "expired 3 minutes ago", tagHolds: true,
            showsContents: true)
    }

    @Test func `a state from the future is explained`() async throws {
        let token = try samples.token(StateSamples.full(issuedAt: .now() + .seconds(7300)))
        try await expect(
            token.text, verdict: "not_yet_valid", saying: "in 2 hours", tagHolds: true, showsContents: true)
    }

    @Test func `a state that was changed is forged, wherever it was changed`() async throws {
        let text = try samples.token().text
        for position in [10, 40, text.count / 2, text.count - 3] {
            let index = text.index(text.startIndex, offsetBy: position)
            let other = text[index] == "A" ? "B" : "A"
            try await expect(
                text.replacingCharacters(in: index...index, with: other), verdict: "forged",
                saying: "the tag does not match", tagHolds: false)
        }
    }

    @Test func `a state for another public URL is forged, and the URL is named`() async throws {
        let token = try samples.token(publicURL: "https://connect.example.org")
        try await expect(
            token.text, verdict: "forged", saying: "another public URL than https://connect.example.com",
            tagHolds: false)
    }

    @Test func `a key of another deployment is unknown`() async throws {
        let other = try StateSamples(statuses: [.enabled, .enabled])
        try await expect(
            other.token(key: 1).text, verdict: "unknown_key", saying: "no key ab000001", tagHolds: nil)
    }

    @Test func `another deployment's key with the same id is no help`() async throws {
        try await expect(
            try StateSamples().token().text, verdict: "forged", saying: "another key with the id ab000000",
            tagHolds: false)
    }

    @Test func `S33 a disabled key is not believed`() async throws {
        let disabled = try StateSamples(statuses: [.disabled, .enabled])
        try await expect(
            disabled.token(key: 0).text, in: disabled, verdict: "disabled_key",
            saying: "ab000000 is disabled",
            tagHolds: nil)
    }

    @Test func `a ticket is called a ticket`() async throws {
        let ticket = try samples.sealed(Array("wsp_123456789 code".utf8), as: .ticket)
        try await expect(ticket, verdict: "ticket", saying: "this is a ticket, not a state", tagHolds: false)
    }

    @Test func `a connect session that is over, or of another service, is no session`() async throws {
        let over = try samples.session { $0.issuedAt = .now() - .seconds(1800 + 185) }
        let run = try await samples.inspect(over)
        #expect(run.status == 1 && run.errors.contains("it was over 3 minutes ago"))
        #expect(run.output.contains("session over") && run.output.contains("usr_7"))
        let json = try await samples.inspect(over, "--json").json
        #expect(json["verdict"] as? String == "session_over" && json["state"] is NSNull)
        try await expect(
            try samples.session(publicURL: "https://other.example.com") { _ in }, verdict: "forged",
            saying: "the tag does not match", tagHolds: false)
        try await expect(
            try samples.session { $0.issuedAt = .now() + .seconds(7300) }, verdict: "not_yet_valid",
            saying: "from the future", tagHolds: true)
        try await expect(
            try samples.sealed([9, 0, 0], as: .session), verdict: "unreadable", saying: "connect session",
            tagHolds: true)
    }

    @Test(arguments: [[], [2, 0, 0], [1, 255, 255]] as [[UInt8]])
    func `a record that this release does not know is unreadable`(_ record: [UInt8]) async throws {
        let token = try samples.sealed(record, as: .state)
        try await expect(token, verdict: "unreadable", saying: "does not read", tagHolds: true)
    }

    @Test(arguments: [
        ("", "nothing was given"), ("AQ", "only 1 octets"), ("A", "not valid base64url"),
        ("Aq", "not valid base64url"), ("AQ==", "character 3"), ("a.b", "character 2"),
        ("a b", "character 2"),
        ("https://app.example.com/?state=AQ", "character 6"), ("ä", "character 1"),
        (String(repeating: "A", count: 4097), "at most 1436 characters"),
        (String(repeating: "A", count: 72), "version 0"),
        ("Ag" + String(repeating: "A", count: 70), "version 2"),
    ]) func `a text that is no token is said to be none`(_ text: String, _ words: String) async throws {
        try await expect(text, verdict: "malformed", saying: words, tagHolds: nil)
        let keyless = try await samples.folder.symbolon("state", "inspect", text)
        #expect(keyless.status == 1)
        #expect(keyless.errors.contains(words))
    }

    @Test func `what is piped in has a limit`() async throws {
        let run = try await samples.inspect("-", input: String(repeating: "A", count: 70_000))
        #expect(run.status == 1)
        #expect(run.errors.contains("more than 65536 octets"))
    }

    @Test func `a keyring that is missing, bad or for connections is a matter of configuration`() async throws
    {
        let folder = samples.folder
        try KeyringFile.create(
            Keyring.make(purpose: .connections), at: folder.path(of: "connections.keyring"))
        try folder.write("{}", to: "bad.keyring")
        let token = try samples.token().text
        for path in ["missing.keyring", "connections.keyring", "bad.keyring"] {
            let run = try await folder.symbolon(
                "state", "inspect", token, "--keyring", path, "--public-url", StateSamples.publicURL)
            #expect(run.status == 3)
            #expect(run.output.isEmpty)
            #expect(run.errors.hasPrefix("error: "))
        }
    }
}
