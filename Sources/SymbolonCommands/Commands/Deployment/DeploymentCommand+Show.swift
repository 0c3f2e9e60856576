import ArgumentParser

extension DeploymentCommand {
    /// `symbolon deployment show`
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Print a deployment file.",
            discussion: """
                Each file begins with what to change and how to install it.

                EXAMPLES
                  symbolon deployment show haproxy > /etc/haproxy/haproxy.cfg
                  symbolon deployment show kubernetes | kubectl apply --filename -
                """)

        @Argument(help: .init("Which file.", valueName: "name"))
        var file: DeploymentFile

        func run() throws(CommandError) { try Console.write(octets: Array(file.text.utf8)) }
    }
}
