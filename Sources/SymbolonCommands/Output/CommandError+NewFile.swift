import Keyrings

extension CommandError {
    /// Why a new file was not made.
    init(writing path: String, _ error: AtomicFileError) {
        switch error {
        case .exists:
            self.init(.refused, "\(path) exists already, and is not overwritten: choose another path")
        case .notFound: self.init(.configuration, "there is no folder \(path.folderName)")
        case .system(_, let reason): self.init(.configuration, "\(path) cannot be written: \(reason)")
        case .notAFile, .locked, .ownerNotKept: self.init(.configuration, "\(path) cannot be written")
        }
    }
}
