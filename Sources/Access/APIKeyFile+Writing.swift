internal import Keyrings

extension APIKeyFile {
    /// Reads the keys, changes them, and writes them back.
    ///
    /// A reader sees the old file or the new one, whole, and of several changes at once none is lost. If
    /// nothing changes, nothing is written. Mode and owner of the file are kept.
    ///
    /// - Parameter creatingFile: whether to begin with an empty file, mode 0600, if there is none.
    package static func update<Result>(
        _ path: String, creatingFile: Bool = false, _ change: (inout [APIKey]) -> Result
    ) throws(APIKeyFileError) -> Result {
        if creatingFile { try create(path) }
        let file: LockedFile
        do throws(AtomicFileError) {
            file = try LockedFile(path)
        } catch {
            throw APIKeyFileError(error, path: path)
        }
        var keys = try load(file.path)
        let before = keys
        let result = change(&keys)
        guard keys != before else { return result }
        let octets = try octets(keys, path: path)
        do throws(AtomicFileError) {
            try file.replace(with: octets)
        } catch {
            throw APIKeyFileError(error, path: path)
        }
        return result
    }

    /// Puts an empty file at `path`, unless there is something already.
    private static func create(_ path: String) throws(APIKeyFileError) {
        let octets = try octets([], path: path)
        do throws(AtomicFileError) {
            try TemporaryFile.create(path, octets: octets)
        } catch .exists {
            return
        } catch .notFound {
            throw .inaccessible(path: path, reason: "cannot be made: its folder does not exist")
        } catch {
            throw APIKeyFileError(error, path: path)
        }
    }

    private static func octets(_ keys: [APIKey], path: String) throws(APIKeyFileError) -> [UInt8] {
        do {
            return try json(keys)
        } catch {
            throw .inaccessible(path: path, reason: "the keys cannot be written as JSON")
        }
    }
}

extension APIKeyFileError {
    /// Translates what went wrong with the file as such.
    fileprivate init(_ error: AtomicFileError, path: String) {
        switch error {
        case .notFound:
            self = .inaccessible(
                path: path, reason: "there is no such file; make it with `symbolon api-keys create`")
        case .exists: self = .inaccessible(path: path, reason: "exists already")
        case .notAFile: self = .inaccessible(path: path, reason: "is not a file")
        case .locked(let holder):
            self = .inaccessible(
                path: path, reason: "is being changed by process \(holder.map(String.init) ?? "unknown")")
        case .ownerNotKept:
            self = .inaccessible(
                path: path,
                reason: "its owner cannot be kept; run this as the user whom it belongs to")
        case .system(let place, let reason): self = .inaccessible(path: place, reason: reason)
        }
    }
}
