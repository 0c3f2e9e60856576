import ArgumentParser
import ConnectAPI
import Encodings

extension DeploymentCommand {
    /// `symbolon deployment list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the deployment files.",
            discussion: """
                EXAMPLES
                  symbolon deployment list
                  symbolon deployment list --json | jq -r '.files[].name'
                """)

        @OptionGroup var output: OutputOptions

        func run() throws(CommandError) {
            guard !output.json else { return try Console.print(octets: Self.json) }
            var table = TextTable("NAME", "FILE", "WHAT IT IS")
            for file in DeploymentFile.allCases {
                table.add("\(file.rawValue)", "\(file.fileName)", "\(file.summary)")
            }
            try Console.print(table.rendered())
        }

        private static var json: [UInt8] {
            JSONOutput.object(capacity: 1024) { members in
                members.array("files") { elements in
                    for file in DeploymentFile.allCases {
                        elements.object { member in
                            member.member("name", file.rawValue)
                            member.member("file", file.fileName)
                            member.member("summary", file.summary)
                        }
                    }
                }
            }
        }
    }
}
