import Foundation
import Yams

/// Kubernetes manifests, and what is wrong with them as a whole: what no schema of a single one shows.
struct Manifests {
    private let all: [Node]

    init(_ texts: String...) throws {
        all = try texts.flatMap { try Array(Yams.compose_all(yaml: $0)) }
    }

    var kinds: [String] { all.compactMap { $0["kind"]?.string }.sorted() }

    func named(_ kind: String, _ name: String?) -> Node? {
        all.first { $0["kind"]?.string == kind && $0["metadata"]?["name"]?.string == name }
    }

    /// The entries of a ConfigMap or a Secret.
    func entries(_ kind: String, _ name: String?) -> [String: String] {
        let node = named(kind, name)
        var entries: [String: String] = [:]
        for pair in (node?["data"] ?? node?["stringData"])?.mapping ?? [:] {
            entries[pair.key.string ?? ""] = pair.value.string ?? ""
        }
        return entries
    }

    var deployment: Node? { all.first { $0["kind"]?.string == "Deployment" } }
    var pod: Node? { deployment?["spec"]?["template"]?["spec"] }
    var container: Node? { pod?["containers"]?.sequence?.first }

    /// Every reference that leads nowhere, and every promise that a pod of ours must keep and does not.
    var problems: [String] { references + mounts + hardening + ending }

    // MARK: References

    private var references: [String] {
        var problems: [String] = []
        let labels = deployment?["spec"]?["template"]?["metadata"]?["labels"]
        for (node, path) in [
            (deployment, ["spec", "selector", "matchLabels"]),
            (named("Service", "symbolon"), ["spec", "selector"]),
            (named("PodDisruptionBudget", "symbolon"), ["spec", "selector", "matchLabels"]),
        ] {
            let selector = path.reduce(node) { $0?[$1] }?.mapping
            let matches = selector?.allSatisfy { labels?[$0.key]?.string == $0.value.string }
            if selector?.isEmpty ?? true || matches != true { problems.append("a selector finds no pod") }
        }
        for variable in container?["env"]?.sequence ?? [] {
            guard let reference = variable["valueFrom"]?["secretKeyRef"] else { continue }
            let entries = entries("Secret", reference["name"]?.string)
            if entries[reference["key"]?.string ?? ""] == nil { problems.append("a variable has no value") }
        }
        let ports = (container?["ports"]?.sequence ?? []).compactMap { $0["name"]?.string }
        let used = ["startupProbe", "readinessProbe", "livenessProbe"]
            .map { container?[$0]?["httpGet"]?["port"]?.string }
        let targets = (named("Service", "symbolon")?["spec"]?["ports"]?.sequence ?? []).map {
            $0["targetPort"]?.string
        }
        for port in used + targets where !ports.contains(port ?? "") {
            problems.append("a port is not there")
        }
        if container?["readinessProbe"]?["httpGet"]?["path"]?.string != "/readyz" {
            problems.append("readiness is not asked for")
        }
        return problems
    }

    private var mounts: [String] {
        var problems: [String] = []
        let volumes = pod?["volumes"]?.sequence ?? []
        for mount in container?["volumeMounts"]?.sequence ?? [] {
            let volume = volumes.first { $0["name"]?.string == mount["name"]?.string }
            if volume == nil { problems.append("a mount has no volume") }
            // Kubernetes changes a mounted folder when its Secret changes, and never a single file.
            if mount["subPath"] != nil || mount["subPathExpr"] != nil {
                problems.append("a mount is no folder")
            }
            if mount["readOnly"]?.bool != true { problems.append("a mount can be written") }
        }
        for volume in volumes {
            if let name = volume["configMap"]?["name"]?.string, named("ConfigMap", name) == nil {
                problems.append("a ConfigMap is not there")
            }
            guard let secret = volume["secret"] else { continue }
            if named("Secret", secret["secretName"]?.string) == nil {
                problems.append("a Secret is not there")
            }
            if secret["items"] != nil { problems.append("a Secret is not mounted whole") }
            if secret["defaultMode"]?.scalar?.string != "0440" { problems.append("a Secret is too open") }
        }
        return problems
    }

    // MARK: Promises

    private var hardening: [String] {
        let own = container?["securityContext"]
        let promises: [(String, Bool)] = [
            ("runs as root", pod?["securityContext"]?["runAsNonRoot"]?.bool == true),
            (
                "has no seccomp profile",
                pod?["securityContext"]?["seccompProfile"]?["type"]?.string == "RuntimeDefault"
            ),
            ("cannot read its Secrets", pod?["securityContext"]?["fsGroup"]?.int != nil),
            ("may gain rights", own?["allowPrivilegeEscalation"]?.bool == false),
            ("may write its image", own?["readOnlyRootFilesystem"]?.bool == true),
            ("has capabilities", own?["capabilities"]?["drop"]?.sequence?.first?.string == "ALL"),
            ("has a token of the cluster", pod?["automountServiceAccountToken"]?.bool == false),
        ]
        return promises.filter { !$0.1 }.map { "the pod \($0.0)" }
    }

    private var ending: [String] {
        let pause = container?["lifecycle"]?["preStop"]?["sleep"]?["seconds"]?.int
        // A waiting delivery (25 s), then an exchange (10 s) and its commit.
        let needed = (pause ?? 1_000) + 25 + 15
        let grace = pod?["terminationGracePeriodSeconds"]?.int ?? 30
        return grace < needed ? ["a pod is killed before it has ended"] : []
    }
}
