import Foundation
import TestSupport

/// HAProxy or nginx with the configuration that is shipped: only addresses, ports, paths and the user are this machine's.
enum LoadBalancer: String, CaseIterable, Sendable {
    case haproxy, nginx

    /// Where the service is published.
    enum Place: CaseIterable, Sendable {
        case root
        /// Under a path that replicas see.
        case keptPath
        /// Under a path that the load balancer takes off.
        case strippedPath

        var path: String { self == .root ? "" : "/connect" }
    }

    /// The shipped configuration for these replicas.
    func configuration(
        port: Int, replicas: [Int], certificate: LoopbackCertificate, at place: Place = .root,
        in folder: TemporaryFolder
    ) async throws -> String {
        var file = try await ShippedFile(rawValue)
        switch self {
        case .haproxy:
            try file.replace("    user haproxy\n    group haproxy\n", with: "")
            try file.replace("/dev/log local0", with: "stdout format raw local0")
            try file.replace("bind :443", with: "bind 127.0.0.1:\(port)")
            try file.replace("/etc/haproxy/connect.example.com.pem", with: certificate.both)
        case .nginx:
            try file.replace("user www-data;\n", with: "")
            try file.replace("/run/nginx.pid", with: "\(folder.path)/nginx.pid")
            try file.replace("/var/log/nginx/error.log", with: "\(folder.path)/nginx-error.log")
            try file.replace("/var/log/nginx/access.log", with: "\(folder.path)/nginx-access.log")
            try file.replace("listen 443", with: "listen 127.0.0.1:\(port)")
            try file.replace("/etc/nginx/connect.example.com.pem", with: certificate.certificate)
            try file.replace("/etc/nginx/connect.example.com.key", with: certificate.key)
            // Debian's own place for what nginx puts aside is not for everybody.
            let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                .map { "    \($0)_temp_path \(folder.path)/nginx-\($0);\n" }
            try file.replace("http {\n", with: "http {\n\(places.joined())")
        }
        if place == .strippedPath {
            let rule = self == .haproxy ? "http-request replace-path" : "rewrite ^/connect"
            try file.replace("# \(rule)", with: rule)
        }
        for index in 0..<3 {
            let old = "10.0.0.1\(index + 1):8080"
            if index < replicas.count {
                try file.replace(old, with: "127.0.0.1:\(replicas[index])")
            } else {
                try file.replace(lineOfReplica(index, at: old), with: "")
            }
        }
        return try folder.write(file.text, to: "\(rawValue).conf")
    }

    /// Has the program itself judge a configuration.
    func check(_ configuration: String, in folder: TemporaryFolder) async throws -> Tool.Result {
        switch self {
        case .haproxy: try await Tool.run("haproxy", ["-c", "-f", configuration], in: folder)
        case .nginx: try await Tool.run("nginx", ["-t", "-c", configuration], in: folder)
        }
    }

    func start(_ configuration: String, in folder: TemporaryFolder) throws -> ServerProcess {
        let arguments =
            switch self {
            case .haproxy: ["-db", "-f", configuration]
            // Without workers, which would live on if their master were killed.
            case .nginx: ["-c", configuration, "-g", "daemon off; master_process off;"]
            }
        return try ServerProcess(
            Tool.path(of: rawValue), arguments, workingDirectory: folder.url,
            logFile: folder.url.appending(path: "\(rawValue).log"))
    }

    private func lineOfReplica(_ index: Int, at address: String) -> String {
        switch self {
        case .haproxy: "    server replica-\(index + 1) \(address)\n"
        case .nginx: "        server \(address) max_fails=1 fail_timeout=2s;\n"
        }
    }
}
