import ArgumentParser

/// `symbolon deployment`
struct DeploymentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deployment",
        abstract: "Print deployment files: load balancers, systemd, containers, monitoring.",
        discussion: """
            EXAMPLES
              symbolon deployment list
              symbolon deployment show haproxy > haproxy.cfg
            """,
        subcommands: [List.self, Show.self])
}
