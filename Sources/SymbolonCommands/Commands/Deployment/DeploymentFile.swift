internal import ArgumentParser

/// A file to deploy the service with, as it lies in `Deployment/` and is in the program itself.
enum DeploymentFile: String, CaseIterable {
    case haproxy, nginx, systemd, dockerfile, kubernetes
    case kubernetesSecrets = "kubernetes-secrets"
    case prometheus
    case prometheusRules = "prometheus-rules"
    case grafana

    var fileName: String { embedded.name }

    var summary: String {
        switch self {
        case .haproxy: "HAProxy before the replicas"
        case .nginx: "nginx before the replicas"
        case .systemd: "a unit that may do no more than it has to"
        case .dockerfile: "an image with one program, run by a user without rights"
        case .kubernetes: "three replicas, a Service and a PodDisruptionBudget"
        case .kubernetesSecrets: "the Secrets that those need, and how to make them"
        case .prometheus: "Prometheus, which scrapes the replicas"
        case .prometheusRules: "objectives, how fast their error budgets are spent, and alerts"
        case .grafana: "a dashboard for Grafana"
        }
    }

    var text: String { embedded.text }

    private var embedded: EmbeddedFile {
        switch self {
        case .haproxy: .haproxy_cfg
        case .nginx: .nginx_conf
        case .systemd: .symbolon_service
        case .dockerfile: .Dockerfile
        case .kubernetes: .kubernetes_yaml
        case .kubernetesSecrets: .kubernetes_secrets_yaml
        case .prometheus: .prometheus_yaml
        case .prometheusRules: .prometheus_rules_yaml
        case .grafana: .grafana_dashboard_json
        }
    }
}

extension DeploymentFile: ExpressibleByArgument {}
