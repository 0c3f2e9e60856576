import Foundation
import TestSupport
import Testing
import Yams

/// The Kubernetes manifests that are shipped, taken together.
@Suite("Kubernetes manifests", .timeLimit(.minutes(1))) struct ManifestTests {
    private func manifests(changing old: String? = nil, to new: String = "") async throws -> Manifests {
        var main = try await ShippedFile("kubernetes")
        if let old { try main.replace(old, with: new) }
        return try Manifests(main.text, try await ShippedFile("kubernetes-secrets").text)
    }

    @Test func `every reference resolves, and keyrings are mounted as folders`() async throws {
        let manifests = try await manifests()
        #expect(manifests.problems.isEmpty)
        #expect(
            manifests.kinds == [
                "ConfigMap", "Deployment", "PodDisruptionBudget", "Secret", "Secret", "Secret", "Service",
            ])
    }

    static let mistakes: [(old: String, new: String, problem: String)] = [
        (
            "mountPath: /etc/symbolon/keys,", "mountPath: /etc/symbolon/keys, subPath: k,",
            "a mount is no folder"
        ),
        ("{name: keys, mountPath", "{name: kyes, mountPath", "a mount has no volume"),
        (
            "{name: keys, mountPath: /etc/symbolon/keys, readOnly: true}", "{name: keys, mountPath: /k}",
            "a mount can be written"
        ),
        ("secretName: symbolon-keys", "secretName: symbolon-key", "a Secret is not there"),
        ("configMap: {name: symbolon-config}", "configMap: {name: other}", "a ConfigMap is not there"),
        ("symbolon-keys, defaultMode: 0440", "symbolon-keys, defaultMode: 0444", "a Secret is too open"),
        ("key: url", "key: uri", "a variable has no value"),
        ("targetPort: http", "targetPort: https", "a port is not there"),
        ("/readyz, port: http", "/healthz, port: http", "readiness is not asked for"),
        (
            "selector: {app.kubernetes.io/name: symbolon}", "selector: {app: symbolon}",
            "a selector finds no pod"
        ),
        ("runAsNonRoot: true", "runAsNonRoot: false", "the pod runs as root"),
        ("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "the pod may write its image"),
        ("fsGroup: 65532", "x: 1", "the pod cannot read its Secrets"),
        (
            "terminationGracePeriodSeconds: 75", "terminationGracePeriodSeconds: 30",
            "a pod is killed before it has ended"
        ),
    ]

    @Test(arguments: mistakes.indices) func `a mistake is found`(_ index: Int) async throws {
        let mistake = Self.mistakes[index]
        #expect(try await manifests(changing: mistake.old, to: mistake.new).problems == [mistake.problem])
    }

    /// What a pod would find in its folders, made by the commands that the file of Secrets names.
    @Test func `the configuration is good with the Secrets that are made for it`() async throws {
        let manifests = try await manifests()
        let folder = try TemporaryFolder()
        let program = try SymbolonBinary.path()
        for name in ["config", "keys", "credentials"] {
            try FileManager.default.createDirectory(
                at: folder.url.appending(path: name), withIntermediateDirectories: true)
        }
        #expect(
            Set(manifests.entries("Secret", "symbolon-keys").keys) == [
                "state.keyring", "connections.keyring",
            ])
        for name in manifests.entries("Secret", "symbolon-keys").keys {
            #expect(
                try await Tool.run(program, ["keys", "generate", "--keyring", "keys/\(name)"], in: folder)
                    .status == 0)
        }
        #expect(
            Set(manifests.entries("Secret", "symbolon-credentials").keys) == [
                "api-keys.json", "gmail-client-secret",
            ])
        let key = try await Tool.run(
            program, ["api-keys", "create", "--file", "credentials/api-keys.json", "--workspace", "wsp_1"],
            in: folder)
        #expect(key.status == 0)
        try folder.write("secret-of-the-client\n", to: "credentials/gmail-client-secret")
        for (name, text) in manifests.entries("ConfigMap", "symbolon-config") {
            try folder.write(text.replacing("/etc/symbolon", with: folder.path), to: "config/\(name)")
        }
        let arguments = try #require(manifests.container?["args"]?.array(of: String.self))
        #expect(arguments.first == "serve")
        let checked = try await Tool.run(
            program,
            ["config", "check"]
                + arguments.dropFirst().map { $0.replacing("/etc/symbolon", with: folder.path) },
            environment: ["SYMBOLON_STORE": "sqlite:\(folder.path)/symbolon.sqlite"], in: folder)
        #expect(checked.status == 0 && checked.output.contains("production"), "\(checked.output)")
        #expect(!checked.output.contains("secret-of-the-client"))
    }
}
