import Foundation
import TestSupport
import Testing

@Suite("symbolon deployment") struct DeploymentTests {
    static let files = [
        "haproxy": "haproxy.cfg", "nginx": "nginx.conf", "systemd": "symbolon.service",
        "dockerfile": "Dockerfile", "kubernetes": "kubernetes.yaml",
        "kubernetes-secrets": "kubernetes-secrets.yaml", "prometheus": "prometheus.yaml",
        "prometheus-rules": "prometheus-rules.yaml", "grafana": "grafana-dashboard.json",
    ]

    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: files.keys.sorted())
    func `what is shown is the file in the source, to the octet`(_ name: String) async throws {
        let run = try await folder.symbolon("deployment", "show", name)
        #expect(run.status == 0 && run.errors.isEmpty)
        let source = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/SymbolonCommands/Deployment/\(Self.files[name] ?? "")")
        #expect(run.output == (try String(contentsOf: source, encoding: .utf8)))
        #expect(
            (run.output.hasPrefix("# ") || name == "grafana")
                && run.output.contains("symbolon deployment show \(name)") || name.hasSuffix("secrets"))
    }

    @Test func `every file in the source is listed, for people and for programs`() async throws {
        let source = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/SymbolonCommands/Deployment")
        let there = try FileManager.default.contentsOfDirectory(atPath: source.path(percentEncoded: false))
        #expect(there.sorted() == Self.files.values.sorted())
        let programs = try await folder.symbolon("deployment", "list", "--json")
        #expect(programs.status == 0 && programs.errors.isEmpty)
        let listed = try #require(try programs.json["files"] as? [[String: String]])
        #expect(listed.allSatisfy { Set($0.keys) == ["name", "file", "summary"] })
        let pairs = listed.map { ($0["name"] ?? "", $0["file"] ?? "") }
        #expect(Dictionary(pairs) { first, _ in first } == Self.files && listed.count == Self.files.count)
        let people = try await folder.symbolon("deployment", "list")
        #expect(people.status == 0)
        for name in Self.files.keys { #expect(people.output.contains("\n\(name)  ")) }
    }

    @Test(arguments: [
        ["show"], ["show", "apache"], ["show", "haproxy.cfg"], ["show", "haproxy", "nginx"], ["hide"],
    ])
    func `what there is not is wrong usage`(_ arguments: [String]) async throws {
        let run = try await CommandRun(["deployment"] + arguments, in: folder)
        #expect(run.status == 2 && run.output.isEmpty)
        if arguments == ["show", "apache"] { #expect(run.errors.contains("haproxy")) }
    }

    @Test func `a file that cannot be written is no success`() async throws {
        let run = try await CommandRun(["deployment", "show", "nginx"], output: "/dev/full", in: folder)
        #expect(run.status == 1)
    }
}
