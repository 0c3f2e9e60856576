"""1, 2 and 3 replicas behind HAProxy. Two cores cannot show them scale; they show what one more costs the others."""
import pathlib
import shutil

from . import wrk
from .contest import CONNECTIONS
from .processes import Server

CONFIGURATION = """
global
    maxconn 4000
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    timeout http-keep-alive 60s
    http-reuse always
frontend balancer
    bind 127.0.0.1:{port}
    default_backend replicas
backend replicas
    balance roundrobin
{servers}
"""


def measure(deployment, folder, seconds):
    results = []
    for count in (1, 2, 3):
        replicas = [deployment.replica(f"Symbolon {number}", cpu=None) for number in range(count)]
        balancer = Server("HAProxy", [haproxy(), "-db", "-f", "haproxy.cfg"], folder, cpu=None)
        servers = "\n".join(f"    server {i} 127.0.0.1:{part.port}" for i, part in enumerate(replicas))
        configuration = CONFIGURATION.format(port=balancer.port, servers=servers)
        (pathlib.Path(folder) / "haproxy.cfg").write_text(configuration)
        try:
            for part in (*replicas, balancer):
                part.start()
            wrk.run(deployment.initiate(), balancer.port, 1, CONNECTIONS, folder)
            before = [part.processor_seconds() for part in (*replicas, balancer)]
            slice_ = wrk.run(deployment.initiate(), balancer.port, seconds, CONNECTIONS, folder)
            used = [part.processor_seconds() - b for part, b in zip((*replicas, balancer), before)]
        finally:
            for part in (balancer, *replicas):
                part.stop()
        answered = slice_.rate * seconds
        results.append({
            "replicas": count, "rate": slice_.rate, "p50": slice_.p50, "p99": slice_.p99, "p999": slice_.p999,
            "replica_microseconds": sum(used[:-1]) / answered * 1e6,
            "balancer_microseconds": used[-1] / answered * 1e6,
        })
    return results


def haproxy():
    return shutil.which("haproxy") or "/usr/sbin/haproxy"
