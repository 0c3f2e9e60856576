import ArgumentParser
import ConnectAPI
import Cryptography
import Encodings

/// `symbolon version`
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Says which release this is, and what it runs with.",
        discussion: """
            EXAMPLES
              symbolon version
              symbolon version --json
            """)

    @OptionGroup var output: OutputOptions

    func run() throws(CommandError) {
        guard output.json else {
            var fields = FieldList()
            fields.add("symbolon", "\(Release.version)")
            fields.add("Swift", "\(Release.swiftVersion)")
            fields.add("OpenSSL", "\(openSSLVersion())")
            return try Console.print(fields.rendered())
        }
        let json = JSONOutput.object { members in
            members.member("version", Release.version)
            members.member("swift", Release.swiftVersion)
            members.member("openssl", openSSLVersion())
        }
        try Console.print(octets: json)
    }
}
