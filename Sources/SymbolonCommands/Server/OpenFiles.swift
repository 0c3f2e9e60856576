internal import Glibc

/// The connections that the process may have open.
enum OpenFiles {
    /// What else it has open: the store, providers' connections, keyrings, logs.
    private static let reserve = 256

    /// How many descriptors the process may have; `nil` if the system does not say.
    static var limit: Double? {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return limit.rlim_cur == .max ? .infinity : Double(limit.rlim_cur)
    }

    /// Raises the limit to what the system allows.
    ///
    /// - Returns: how many connections fit under it, at most so many as are wanted.
    static func makeRoom(forConnections wanted: Int) -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return wanted
        }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
            let files = Int(exactly: limit.rlim_cur)
        else { return wanted }
        return max(16, min(wanted, files - reserve))
    }
}
