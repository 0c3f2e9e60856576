import ArgumentParser
import ConnectAPI
import Cryptography
import Encodings

/// `symbolon version`
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the version of this release and of what it uses.",
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
            fields.add("architecture", "\(Release.architecture)")
            fields.add("stores", "\(ReleaseFormats.stores.joined(separator: ", "))")
            return try Console.print(fields.rendered())
        }
        let formats = ReleaseFormats.current
        let json = JSONOutput.object { members in
            members.member("version", Release.version)
            members.member("swift", Release.swiftVersion)
            members.member("openssl", openSSLVersion())
            members.member("architecture", Release.architecture)
            members.array("stores") { elements in
                for store in ReleaseFormats.stores { elements.element(store) }
            }
            // What `symbolon upgrade check` compares.
            members.object("formats") { members in
                members.member("tables", formats.tables)
                members.member("state_record", formats.stateRecord)
                members.member("state_fields", Int(formats.stateFields))
                members.member("keyring", formats.keyring)
            }
        }
        try Console.print(octets: json)
    }
}
