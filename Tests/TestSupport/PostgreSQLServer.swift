#if PostgreSQL
import Foundation
import Synchronization

/// PostgreSQL as Debian has it, in a folder and on a loopback port of its own, for as long as this value lives.
package final class PostgreSQLServer: Sendable {
    package static let user = "symbolon"
    /// Of the kind that a URL must not spoil.
    package static let password = "it's p@ss:word/?&%"

    package let port: Int
    private let programs: String
    private let folder: URL
    private let process: Mutex<ServerProcess?> = Mutex(nil)

    /// Makes a database cluster and starts its server.
    package static func start() async throws -> PostgreSQLServer {
        let server = try await PostgreSQLServer()
        try await server.start()
        return server
    }

    private init() async throws {
        port = try LoopbackPort.free()
        let versions = "/usr/lib/postgresql"
        let newest = try FileManager.default.contentsOfDirectory(atPath: versions)
            .max { (Int($0) ?? 0) < (Int($1) ?? 0) }
        guard let newest else { throw ServerProcessError.notStarted(versions, "no version there") }
        programs = "\(versions)/\(newest)/bin"
        folder = FileManager.default.temporaryDirectory.appending(
            path: "symbolon-postgresql-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let passwordFile = folder.appending(path: "password")
        try Data("\(Self.password)\n".utf8).write(to: passwordFile)
        // It refuses to run as root.
        if getuid() == 0 {
            _ = try await run("/bin/chown", ["-R", "postgres:postgres", path("")])
        }
        _ = try await runAsOwner(
            "initdb",
            [
                "--pgdata", path("data"), "--username", Self.user, "--pwfile", path("password"), "--auth",
                "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
            ])
    }

    deinit {
        process.withLock { $0 = nil }
        try? FileManager.default.removeItem(at: folder)
    }

    // MARK: Its life

    /// Starts it again where it stopped.
    package func start() async throws {
        // A crash of the machine is not what is tried here, so nothing need reach the disk.
        let arguments = asOwner(
            "postgres",
            [
                "-D", path("data"), "-p", String(port), "-h", "127.0.0.1", "-k", "", "-c", "fsync=off",
                "-c", "max_connections=400",
            ])
        let started = try ServerProcess(
            arguments[0], Array(arguments.dropFirst()), workingDirectory: URL(filePath: "/"),
            logFile: folder.appending(path: "log-\(UUID().uuidString)"))
        try await started.waitForLine { $0.contains("ready to accept connections") }
        process.withLock { $0 = started }
    }

    /// Ends it at once: every connection is lost, and what was committed stays.
    package func stop() async {
        let running = process.withLock { process in
            defer { process = nil }
            return process
        }
        running?.send(SIGINT)
        _ = await running?.exitStatus()
    }

    /// Stops it in the middle of whatever it does, with all connections open.
    package func pause() throws { try signalAll(SIGSTOP) }
    package func resume() throws { try signalAll(SIGCONT) }

    private func signalAll(_ signal: Int32) throws {
        guard let parent = process.withLock({ $0?.processIdentifier }) else { return }
        let children = try String(
            contentsOfFile: "/proc/\(parent)/task/\(parent)/children", encoding: .utf8)
        for process in [parent] + children.split(separator: " ").compactMap({ Int32($0) }) {
            kill(process, signal)
        }
    }

    // MARK: What is in it

    /// A new schema, so that each test has tables of its own, as a URL that says all there is to say.
    package func makeSchema() async throws -> String {
        let name = "s\(UUID().uuidString.replacing("-", with: "").lowercased())"
        try await query("CREATE SCHEMA \(name)")
        return url(schema: name)
    }

    /// A new database, for what knows no schemas.
    package func makeDatabase() async throws -> String {
        let name = "d\(UUID().uuidString.replacing("-", with: "").lowercased())"
        try await query("CREATE DATABASE \(name)")
        return name
    }

    package func url(
        schema: String? = nil, user: String = PostgreSQLServer.user,
        password: String = PostgreSQLServer.password, options: String = "", database: String = "postgres"
    ) -> String {
        let path = schema.map { "-csearch_path=\($0) " } ?? ""
        return "postgresql://\(user):\(Self.encoded(password))@127.0.0.1:\(port)/\(database)"
            + "?options=\(Self.encoded(path + options))"
    }

    /// What `psql` prints: one line a row, with `|` between columns.
    @discardableResult
    package func query(_ sql: String, at url: String? = nil) async throws -> String {
        try await run(
            "\(programs)/psql", ["-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql, url ?? self.url()])
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { octet in
            let scalar = Character(Unicode.Scalar(octet))
            return scalar.isASCII && (scalar.isLetter || scalar.isNumber)
                ? String(scalar) : "%" + String(octet, radix: 16).leftPadded(to: 2)
        }.joined()
    }

    // MARK: Programs

    private func path(_ name: String) -> String {
        folder.appending(path: name).path(percentEncoded: false)
    }

    private func asOwner(_ program: String, _ arguments: [String]) -> [String] {
        let command = ["\(programs)/\(program)"] + arguments
        guard getuid() == 0 else { return command }
        return ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] + command
    }

    private func runAsOwner(_ program: String, _ arguments: [String]) async throws -> String {
        let command = asOwner(program, arguments)
        return try await run(command[0], Array(command.dropFirst()))
    }

    private func run(_ program: String, _ arguments: [String]) async throws -> String {
        let run = try await ProgramRun(program, arguments, in: URL(filePath: "/"))
        guard run.status == 0 else {
            throw ServerProcessError.ended(program, status: run.status, log: run.everything)
        }
        return run.output.trimmingCharacters(in: .newlines)
    }
}

extension String {
    fileprivate func leftPadded(to count: Int) -> String {
        String(repeating: "0", count: max(0, count - self.count)) + self
    }
}
#endif
