import Encodings

/// Where sealed credentials belong; they open nowhere else.
package struct CredentialLocation: Sendable, Hashable {
    package let workspaceID: String
    package let connectionID: ConnectionID
    package let column: String

    package init(workspaceID: String, connectionID: ConnectionID, column: String = "credentials") {
        self.workspaceID = workspaceID
        self.connectionID = connectionID
        self.column = column
    }

    /// What the tag covers in addition to the contents.
    func context(deploymentID: String) -> [UInt8] {
        var writer = OctetWriter()
        writer.append(text: deploymentID)
        writer.append(text: workspaceID)
        writer.append(text: connectionID.description)
        writer.append(text: column)
        return writer.octets
    }
}
