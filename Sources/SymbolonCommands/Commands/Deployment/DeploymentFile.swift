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
        case .systemd: "a unit sandboxed to the privileges it needs"
        case .dockerfile: "an image with one program, run by an unprivileged user"
        case .kubernetes: "three replicas, a Service and a PodDisruptionBudget"
        case .kubernetesSecrets: "the Secrets that those need, and how to create them"
        case .prometheus: "Prometheus configuration that scrapes the replicas"
        case .prometheusRules: "objectives, error budgets and alerts"
        case .grafana: "a Grafana dashboard"
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
