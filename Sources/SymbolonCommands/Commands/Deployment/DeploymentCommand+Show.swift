import ArgumentParser

extension DeploymentCommand {
    /// `symbolon deployment show`
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Writes one of the files to standard output.",
            discussion: """
                Each says at its beginning what to change, and how to put it in place.

                EXAMPLES
                  symbolon deployment show haproxy > /etc/haproxy/haproxy.cfg
                  symbolon deployment show kubernetes | kubectl apply --filename -
                """)

        @Argument(help: .init("Which file.", valueName: "name"))
        var file: DeploymentFile

        func run() throws(CommandError) { try Console.write(octets: Array(file.text.utf8)) }
    }
}
