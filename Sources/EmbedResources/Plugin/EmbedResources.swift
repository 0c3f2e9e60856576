import FoundationEssentials
import PackagePlugin

/// Embeds the text files of a target's folders as Swift string literals, so that a page, a style sheet or a catalog entry
/// is a file of its own kind and still part of the program.
///
/// A new file needs no line anywhere: the build plans again when a folder's listing changes.
@main struct EmbedResources: BuildToolPlugin {
    /// The folders directly in a target that are embedded. `Package.swift` excludes them from what the compiler sees.
    private static let folderNames = ["Catalog", "Deployment", "Resources"]
    /// Folders that lie beside what they belong to, and are another target's to read.
    private static let foldersElsewhere = ["Mirrors": ["Integrations/Provenance"]]

    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let own = Self.folderNames.map { name in
            target.directoryURL.appending(path: name, directoryHint: .isDirectory)
        }
        let elsewhere = (Self.foldersElsewhere[target.name] ?? []).map { path in
            target.directoryURL.deletingLastPathComponent().appending(path: path, directoryHint: .isDirectory)
        }
        let files = try (own + elsewhere).flatMap { folder in try Self.files(in: folder) }
        guard !files.isEmpty else {
            Diagnostics.error("\(target.name) has no file in \(Self.folderNames.joined(separator: ", "))")
            return []
        }
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedFiles.swift")
        return [
            .buildCommand(
                displayName: "Embedding the files of \(target.name)",
                executable: try context.tool(named: "embed-resources").url,
                arguments: ([output] + files).map { $0.path(percentEncoded: false) },
                inputFiles: files, outputFiles: [output])
        ]
    }

    private static func files(in folder: URL) throws -> [URL] {
        let path = folder.path(percentEncoded: false)
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: path)
            .filter { !$0.hasPrefix(".") }.sorted()
            .map { folder.appending(path: $0, directoryHint: .notDirectory) }
    }
}
