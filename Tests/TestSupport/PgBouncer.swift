#if PostgreSQL
import Foundation

/// PgBouncer as Debian has it, before a server and on a loopback port of its own, for as long as this value lives.
package final class PgBouncer: Sendable {
    private let port: Int
    private let folder: TemporaryFolder
    private let process: ServerProcess

    /// - Parameters:
    ///   - mode: `session`, `transaction` or `statement`.
    ///   - poolSize: how many connections to the server there are at most, for each database.
    package init(before server: PostgreSQLServer, mode: String, poolSize: Int) async throws {
        port = try LoopbackPort.free()
        folder = try TemporaryFolder()
        let password = PostgreSQLServer.password.replacing("'", with: "''")
        let settings = try folder.write(
            """
            [databases]
            * = host=127.0.0.1 port=\(server.port) user=\(PostgreSQLServer.user) password='\(password)'
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = any
            pool_mode = \(mode)
            default_pool_size = \(poolSize)
            """, to: "pgbouncer.ini")
        // It refuses to run as root.
        let user = getuid() == 0 ? ["-u", "postgres"] : []
        process = try ServerProcess(
            "/usr/sbin/pgbouncer", user + [settings], workingDirectory: URL(filePath: "/"),
            logFile: folder.url.appending(path: "log"))
        try await process.waitForLine { $0.contains("process up") }
    }

    package func url(database: String) -> String {
        "postgresql://\(PostgreSQLServer.user)@127.0.0.1:\(port)/\(database)"
    }
}
#endif
