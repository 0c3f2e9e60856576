import ArgumentParser

/// `symbolon integrations`
struct IntegrationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "integrations",
        abstract: "List and test integrations, and write entries of your own.",
        discussion: """
            EXAMPLES
              What there is, and what is ready to use:
                symbolon integrations list

              What one needs, and the redirect URI to register:
                symbolon integrations show gmail

              Whether one would work from here:
                symbolon integrations test gmail

              A catalog file of your own, before the service reads it:
                symbolon integrations validate catalog.yaml

              A provider that is not in the catalog:
                symbolon integrations new acme --issuer https://login.acme.example \\
                  --documentation https://acme.example/docs/oauth > acme.yaml

              A whole flow of it, without a client:
                symbolon integrations try acme.yaml
            """,
        subcommands: [List.self, Show.self, Validate.self, Test.self, New.self, Try.self])
}
