internal import Glibc
internal import Logging

/// The connections that the process may have open.
struct OpenFiles {
    /// What else it has open: the store, providers' connections, keyrings, logs.
    private static let reserve = 256
    private static let fewestConnections = 16

    /// How many descriptors the process may have; `nil` if the system does not say.
    static var limit: Double? {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return limit.rlim_cur == .max ? .infinity : Double(limit.rlim_cur)
    }

    let wantedCount: Int
    /// At most so many as are wanted.
    let connectionCount: Int

    /// - Parameter limit: how many files the process may have open; `nil`: it is not known.
    init(forConnections wanted: Int, limit: Int?) {
        wantedCount = wanted
        connectionCount =
            limit.map { max(Self.fewestConnections, min(wanted, $0 - Self.reserve)) } ?? wanted
    }

    /// Raises the limit to what the system allows.
    static func makeRoom(forConnections wanted: Int) -> OpenFiles {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return OpenFiles(forConnections: wanted, limit: nil)
        }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return OpenFiles(forConnections: wanted, limit: nil)
        }
        return OpenFiles(forConnections: wanted, limit: Int(exactly: limit.rlim_cur))
    }

    /// Says where fewer connections fit than the operator wants.
    func report(to logger: Logger) {
        guard connectionCount < wantedCount else { return }
        logger.warning(
            """
            fewer connections are taken at once than `limits.connections` allows, since the process may open too few \
            files; raise the hard limit (`ulimit -Hn`, `LimitNOFILE=` of systemd, `--ulimit nofile` of Docker), or lower \
            the setting
            """,
            metadata: [
                "limits.connections": "\(wantedCount)", "taken": "\(connectionCount)",
                "files_needed": "\(wantedCount + Self.reserve)",
            ])
    }
}
