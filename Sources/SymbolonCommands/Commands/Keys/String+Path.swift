extension String {
    /// What stands after the last slash.
    var fileName: String { String(self[(lastIndex(of: "/").map { index(after: $0) } ?? startIndex)...]) }

    /// What stands before the last slash: the folder that holds the file.
    var folderName: String {
        guard let slash = lastIndex(of: "/") else { return "." }
        return slash == startIndex ? "/" : String(self[..<slash])
    }

    /// A file in this folder.
    func appendingFileName(_ name: String) -> String { hasSuffix("/") ? "\(self)\(name)" : "\(self)/\(name)" }
}
