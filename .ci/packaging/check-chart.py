#!/usr/bin/env python3
"""Renders the chart with Helm for each store, holds what comes out against the schemas of Kubernetes and against what the
service needs, and sees that the values' schema refuses what is unsafe.

    check-chart.py HELM CHART
"""

import json
import subprocess
import sys
import warnings

import kubernetes_validate
import yaml

helm, chart = sys.argv[1:]
KUBERNETES = ["1.30.0", "1.35.0"]

SAFE = {
    "as it is": {},
    "one replica on SQLite": {"store": {"kind": "sqlite"}, "replicas": 1},
    "without a store": {"store": {"kind": "none"}},
    "with settings": {
        "settings": {"limits": {"per_credential": 100}},
        "integrations": {"github": {"client_id": "x", "client_secret_file": "/etc/symbolon/credentials/github"}},
        "networkPolicy": {"databaseTo": [{"podSelector": {"matchLabels": {"app": "postgresql"}}}]},
    },
    "with metrics": {
        "metrics": {"enabled": True, "ingressFrom": [{"podSelector": {"matchLabels": {"app": "prometheus"}}}]},
    },
    "with traces": {
        "settings": {"tracing": {"otlp_endpoint": "http://collector.monitoring:4318"}},
        "networkPolicy": {"collectorTo": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}]},
    },
    "without a network policy": {"networkPolicy": {"enabled": False}},
    "behind an ingress": {
        "settings": {"listen": {"trusted_proxies": ["10.244.0.0/16", "fd00:1::/64"], "forwarded": "forwarded"}},
    },
    "with tokens of an issuer": {
        "settings": {
            "credentials": {"jwt": {"issuer": "https://a.test", "audience": "symbolon", "jwks": "https://a.test/keys"}},
        },
    },
    "with a proxy": {"settings": {"providers": {"proxy": "http://proxy.example.com:3128", "timeout": 20}}},
}  # fmt: skip
UNSAFE = {
    "several replicas on SQLite": {"store": {"kind": "sqlite"}, "replicas": 2},
    "SQLite with the three replicas of the default": {"store": {"kind": "sqlite"}},
    "no keyring secret": {"keyrings": {"secretName": ""}},
    "no keyring secret at all": {"keyrings": {"secretName": None}},
    "no credentials secret": {"credentials": {"secretName": ""}},
    "PostgreSQL without its secret": {"store": {"kind": "postgresql", "secretName": ""}},
    "another store": {"store": {"kind": "redis"}},
    "no replica": {"replicas": 0},
    "plain HTTP": {"publicURL": "http://connect.example.com"},
    "a public URL with a query": {"publicURL": "https://connect.example.com/?a=b"},
    "a client secret in the values": {"integrations": {"github": {"client_id": "x", "client_secret": "y"}}},
    "a setting that is the chart's": {"settings": {"keyrings": {"state": "/tmp/state.keyring"}}},
    "a keyring in the settings": {"settings": {"state_keyring": "{}"}},
    "the tag latest": {"image": {"tag": "latest"}},
    "no workspace": {"workspaces": {"wsp_1": None}},
    "a misspelt value": {"replicaCount": 3},
    "no pod may ever leave": {"podDisruptionBudget": {"maxUnavailable": 0}},
    "metrics for every pod": {"metrics": {"enabled": True}},
    "metrics on the port of the service": {"metrics": {"port": 8080}},
    "any port of any provider": {"networkPolicy": {"providerPorts": []}},
    "another port": {"settings": {"listen": {"port": 80, "trusted_proxies": ["10.244.0.0/16"]}}},
    "every client is a proxy": {"settings": {"listen": {"trusted_proxies": ["0.0.0.0/0"]}}},
    "another file of API keys": {"settings": {"credentials": {"api_keys": "/tmp/api-keys.json"}}},
    "tokens of anybody": {"settings": {"credentials": {"jwt": {"jwks": "https://a.test/keys"}}}},
    "metrics past the chart": {"settings": {"metrics": {"listen": {"host": "0.0.0.0", "port": 9464}}}},
    "metrics without a network policy": {
        "metrics": {"enabled": True, "ingressFrom": [{"podSelector": {}}]}, "networkPolicy": {"enabled": False},
    },
    "a proxy's password": {"settings": {"providers": {"proxy": "http://user:secret@proxy.example.com:3128"}}},
}


def render(values: dict, version: str = KUBERNETES[0]) -> subprocess.CompletedProcess:
    command = [helm, "template", "symbolon", chart, "--kube-version", version, "--values", "-"]
    return subprocess.run(command, input=json.dumps(values), capture_output=True, text=True)


def fail(name: str, message: str):
    sys.exit(f"error: {name}: {message}")


def check(name: str, documents: list):
    found = {document["kind"]: document for document in documents}
    pods = found["Deployment"]["spec"]["template"]["spec"]
    container = pods["containers"][0]
    configuration = yaml.safe_load(found["ConfigMap"]["data"]["symbolon.yaml"])
    security = container["securityContext"]
    facts = {
        "it runs as root": pods["securityContext"]["runAsNonRoot"] is True,
        "its root can be written": security["readOnlyRootFilesystem"] is True,
        "it has capabilities": security["capabilities"] == {"drop": ["ALL"]},
        "it has the cluster's token": pods["automountServiceAccountToken"] is False,
        "a probe is missing": {"startupProbe", "readinessProbe", "livenessProbe"} <= set(container),
        "there is no budget": found["PodDisruptionBudget"]["spec"]["maxUnavailable"] == 1,
        "a selector finds other pods": found["Service"]["spec"]["selector"].items()
        <= found["Deployment"]["spec"]["template"]["metadata"]["labels"].items(),
        "a volume is not mounted as a folder": all("subPath" not in mount for mount in container["volumeMounts"]),
        "the state keyring has another place": configuration["keyrings"]["state"].startswith("/etc/symbolon/keys/"),
        "a secret is in the ConfigMap": "client_secret:" not in found["ConfigMap"]["data"]["symbolon.yaml"],
    }
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    if "metrics" in ports:
        rules = found["NetworkPolicy"]["spec"]["ingress"]
        scrapers = [rule for rule in rules if rule["ports"][0]["port"] == "metrics"]
        facts["nothing listens on the port for metrics"] = configuration["metrics"]["listen"] == {
            "host": "0.0.0.0", "port": ports["metrics"],
        }  # fmt: skip
        facts["every pod may scrape"] = len(scrapers) == 1 and bool(scrapers[0]["from"])
    else:
        facts["metrics are open"] = "metrics" not in configuration
    facts["the case does not do what its name says"] = ("metrics" in name) <= ("metrics" in ports)
    given = SAFE[name].get("settings", {})
    facts["the proxies are not in force"] = configuration["listen"] == {
        "host": "0.0.0.0", "port": 8080, **given.get("listen", {}),
    }  # fmt: skip
    facts["the issuer is not in force"] = configuration["credentials"] == {
        "api_keys": "/etc/symbolon/credentials/api-keys.json", **given.get("credentials", {}),
    }  # fmt: skip
    if "NetworkPolicy" in found:
        [providers] = [rule["to"] for rule in found["NetworkPolicy"]["spec"]["egress"] if "ipBlock" in rule.get("to", [{}])[0]]
        blocks = {block["ipBlock"]["cidr"]: block["ipBlock"].get("except", []) for block in providers}
        facts["providers are not reached"] = set(blocks) == {"0.0.0.0/0", "::/0"}
        facts["providers may be inside"] = all(
            excepted and all((":" in one) == (":" in cidr) for one in excepted)
            for cidr, excepted in blocks.items()
        )
    if "tracing" in configuration:
        rules = found["NetworkPolicy"]["spec"]["egress"]
        ways = [rule for rule in rules if rule["ports"][0]["port"] == 4318]
        facts["the collector cannot be reached"] = len(ways) == 1 and bool(ways[0]["to"])
    store = configuration.get("store")
    if store is None:
        environment = {item["name"]: item for item in container["env"]}
        facts["the store is in no Secret"] = "secretKeyRef" in environment["SYMBOLON_STORE"]["valueFrom"]
    elif store.startswith("sqlite:"):
        facts["two pods could have the file"] = found["Deployment"]["spec"]["strategy"] == {"type": "Recreate"}
        facts["the file is on no volume"] = found["PersistentVolumeClaim"]["spec"]["accessModes"] == ["ReadWriteOncePod"]
    for message, holds in facts.items():
        if not holds:
            fail(name, message)


def main():
    lint = subprocess.run([helm, "lint", "--strict", "--quiet", chart], capture_output=True, text=True)
    if lint.returncode:
        fail("lint", lint.stdout + lint.stderr)
    warnings.simplefilter("ignore")
    count = 0
    for name, values in SAFE.items():
        for version in KUBERNETES:
            result = render(values, version)
            if result.returncode:
                fail(name, result.stderr)
            documents = [document for document in yaml.safe_load_all(result.stdout) if document]
            for document in documents:
                kubernetes_validate.validate(document, version[: version.rindex(".")], strict=True)
            check(name, documents)
            count += len(documents)
    for name, values in UNSAFE.items():
        result = render(values)
        if result.returncode == 0:
            fail(name, "it is not refused")
        if "schema" not in result.stderr:
            fail(name, f"it is refused for another reason: {result.stderr}")
    # A chart for a Kubernetes without `preStop.sleep` would start pods that end at once.
    if render({}, "1.29.0").returncode == 0:
        fail("Kubernetes 1.29", "it is not refused")
    print(f"the chart: {count} documents are valid, {len(UNSAFE)} unsafe sets of values are refused")


main()
