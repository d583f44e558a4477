"""Which place was likely meant: registries and images that are known by another name than the one written.

Cannot see: what a company calls its own registry; whether an image is still there.

Source: Docker Hub's documentation and its library of official images; Kubernetes' blog on k8s.gcr.io (2023-03-10);
GitHub's migration from docker.pkg.github.com; bitnami/containers issue 83267; kubebuilder discussion 3907; Amazon ECR
Public's copies of the official images; the installation pages of the projects named.
"""

from dataclasses import replace
from functools import cache

from agent.contract.reference import DEFAULT_REGISTRY, Reference
from agent.contract.suggest.spelling import corrected, index

LIBRARY = "library/"

# Names that people write where the registry's own belongs.
_REGISTRIES = {
    "hub.docker.com": "docker.io",
    "registry.hub.docker.com": "docker.io",
    "registry-1.docker.io": "docker.io",
    "registry.docker.io": "docker.io",
    "www.docker.io": "docker.io",
    "docker.com": "docker.io",
    "dockerhub.com": "docker.io",
    "dockerhub.io": "docker.io",
    "hub.docker.io": "docker.io",
    "docker.oi": "docker.io",
    "dokcer.io": "docker.io",
    "github.com": "ghcr.io",
    "ghrc.io": "ghcr.io",
    "gchr.io": "ghcr.io",
    "gcr.oi": "gcr.io",
    "quay.com": "quay.io",
    "quay.oi": "quay.io",
    "gitlab.com": "registry.gitlab.com",
    "k8s.gcr.io": "registry.k8s.io",
    "registry.k8s.com": "registry.k8s.io",
    "k8s.io": "registry.k8s.io",
}

# Repositories that moved as a whole, by what they began with.
_MOVED = (
    ("gcr.io/google_containers/", "registry.k8s.io/", "Kubernetes' images moved to registry.k8s.io"),
    ("gcr.io/google-containers/", "registry.k8s.io/", "Kubernetes' images moved to registry.k8s.io"),
    ("docker.io/bitnami/", "docker.io/bitnamilegacy/", "Bitnami moved its versioned images to bitnamilegacy in 2025"),
    ("gcr.io/kubebuilder/kube-rbac-proxy", "quay.io/brancz/kube-rbac-proxy", "gcr.io/kubebuilder was closed in 2025"),
    ("docker.io/library/vault", "docker.io/hashicorp/vault", "HashiCorp publishes Vault as hashicorp/vault"),
    ("docker.io/library/consul", "docker.io/hashicorp/consul", "HashiCorp publishes Consul as hashicorp/consul"),
    ("docker.io/library/jenkins", "docker.io/jenkins/jenkins", "Jenkins publishes its image as jenkins/jenkins"),
)

# Images that are known by their last name, and where their projects publish them.
_HOMES = """
docker.io/prom/prometheus docker.io/prom/alertmanager docker.io/prom/node-exporter docker.io/prom/pushgateway
docker.io/prom/blackbox-exporter docker.io/grafana/grafana docker.io/grafana/loki docker.io/grafana/promtail
docker.io/grafana/tempo docker.io/grafana/mimir docker.io/minio/minio quay.io/keycloak/keycloak
docker.io/gitlab/gitlab-ce docker.io/gitlab/gitlab-runner docker.io/portainer/portainer-ce docker.io/dpage/pgadmin4
docker.io/coredns/coredns docker.io/fluent/fluent-bit docker.io/hashicorp/terraform docker.io/aquasec/trivy
docker.io/jaegertracing/all-in-one docker.io/otel/opentelemetry-collector docker.io/amazon/aws-cli
docker.io/otel/opentelemetry-collector-contrib docker.io/postgis/postgis docker.io/timescale/timescaledb
docker.io/localstack/localstack docker.io/apache/airflow docker.io/apache/superset docker.io/apache/kafka
docker.io/metabase/metabase docker.io/opensearchproject/opensearch docker.io/pgvector/pgvector docker.io/ollama/ollama
docker.io/nginxinc/nginx-unprivileged docker.io/velero/velero docker.io/redis/redis-stack
quay.io/argoproj/argocd quay.io/jetstack/cert-manager-controller quay.io/oauth2-proxy/oauth2-proxy
quay.io/brancz/kube-rbac-proxy gcr.io/cadvisor/cadvisor mcr.microsoft.com/mssql/server
registry.k8s.io/metrics-server/metrics-server registry.k8s.io/kube-state-metrics/kube-state-metrics
registry.k8s.io/kube-apiserver registry.k8s.io/kube-controller-manager registry.k8s.io/kube-scheduler
registry.k8s.io/kube-proxy registry.k8s.io/pause registry.k8s.io/autoscaling/cluster-autoscaler
registry.k8s.io/external-dns/external-dns
"""

# Official images of Docker Hub: those that people know by name, and so misspell.
_OFFICIAL = """
adminer almalinux alpine amazoncorretto amazonlinux arangodb archlinux bash buildpack-deps busybox caddy cassandra
centos chronograf clickhouse clojure composer couchbase couchdb debian docker drupal eclipse-mosquitto
eclipse-temurin elasticsearch elixir erlang fedora flink fluentd ghost golang gradle groovy haproxy haskell
hello-world httpd ibm-semeru-runtimes influxdb jetty joomla jruby julia kapacitor kibana kong liquibase logstash
mariadb matomo maven mediawiki memcached mongo mongo-express monica mysql nats neo4j nextcloud nginx node odoo
open-liberty openjdk oraclelinux percona perl php phpmyadmin postgres pypy python r-base rabbitmq redis redmine
registry rockylinux ros ruby rust sapmachine solr sonarqube spark swift telegraf tomcat tomee traefik ubuntu valkey
varnish websphere-liberty wordpress xwiki zookeeper
"""
_CALLED = {
    "postgresql": "postgres",
    "postgre": "postgres",
    "mongodb": "mongo",
    "nodejs": "node",
    "node-js": "node",
    "go": "golang",
    "apache": "httpd",
    "apache2": "httpd",
    "rabbit-mq": "rabbitmq",
    "elastic-search": "elasticsearch",
    "python3": "python",
    "helloworld": "hello-world",
    "temurin": "eclipse-temurin",
    "mosquitto": "eclipse-mosquitto",
}  # fmt: skip
# Registries that hold no images of their own without an organisation in front.
_ORGANISED = frozenset({"quay.io", "ghcr.io", "registry.gitlab.com"})


@cache
def official() -> frozenset[str]:
    """Give the official images of Docker Hub that are known by name."""
    return frozenset(_OFFICIAL.split())


@cache
def _homes() -> dict[str, str]:
    return {home.rpartition("/")[2]: home for home in _HOMES.split()}


@cache
def _known() -> dict[str, list[str]]:
    return index(official())


def named(reference: Reference, *, gone: bool) -> tuple[Reference, str] | None:
    """Give the place that was likely meant, and why; none where the name looks right.

    Args:
        gone: the image was looked for and is not there: then it may have moved.
    """
    written = reference
    reasons = []
    for look in (registry_named, _without_protocol, *((_moved,) if gone else ()), _library, _organisation):
        found = look(reference)
        if found is not None:
            reference, reason = found
            reasons.append(reason)
    return (reference, "; ".join(reasons)) if reference != written else None


def moved_to(reference: Reference, repository: str) -> Reference:
    """Give an image's tag and digest in another repository."""
    registry, _, path = repository.partition("/")
    return replace(reference, registry=registry, path=path)


def is_suspect(registry: str) -> bool:
    """Tell whether `registry_named` may have something to say of a registry."""
    return registry in _REGISTRIES or registry == "docker.pkg.github.com" or registry != registry.lower()


def registry_named(reference: Reference) -> tuple[Reference, str] | None:
    """Give the image in the registry whose name was likely meant, and why; none where the name looks right."""
    name = reference.registry.lower()
    parts = reference.path.split("/")
    if name == "docker.pkg.github.com" and len(parts) == 3:
        reason = "GitHub's registry is ghcr.io, and names no repository of code"
        return replace(reference, registry="ghcr.io", path=f"{parts[0]}/{parts[2]}"), reason
    meant = _REGISTRIES.get(name)
    if meant is None:
        if "." in name or ":" in name or name == "localhost" or name == reference.registry:
            return None
        path = f"{name}/{reference.path}"
        return replace(reference, registry=DEFAULT_REGISTRY, path=path), f"{reference.registry!r} is upper case"
    path = reference.path
    if meant == DEFAULT_REGISTRY:
        path = path.removeprefix("r/") if path.startswith("r/") else path
        path = path.replace("_/", LIBRARY, 1) if path.startswith("_/") else path
        path = path if "/" in path else f"{LIBRARY}{path}"
    return replace(reference, registry=meant, path=path), f"the registry is called {meant}, not {name}"


def _without_protocol(reference: Reference) -> tuple[Reference, str] | None:
    """Take out what belongs to the protocol's addresses and not to a name."""
    for part in ("v2/", "v1/"):
        if reference.path.startswith(part) and "." in reference.registry + reference.path.partition("/")[0]:
            path = reference.path.removeprefix(part)
            return replace(reference, path=path), f"{part!r} belongs to the protocol, not to the name"
    return None


def _moved(reference: Reference) -> tuple[Reference, str] | None:
    repository = reference.repository
    for old, new, reason in _MOVED:
        if not (repository.startswith(old) if old.endswith("/") else repository == old):
            continue
        if reference.digest and reference.tag is None and not new.startswith("registry.k8s.io/"):
            return None  # the copy elsewhere may have another digest
        return moved_to(reference, new + repository[len(old) :]), reason
    return None


def _library(reference: Reference) -> tuple[Reference, str] | None:
    """Look at what stands under `library/`, where Docker Hub has its official images and nothing else."""
    path = reference.path
    if reference.registry != DEFAULT_REGISTRY or not path.startswith(LIBRARY):
        return None
    name = path.removeprefix(LIBRARY)
    if "/" in name:
        return replace(reference, path=name), f"only official images are under {LIBRARY}"
    if name in official():
        return None
    home = _homes().get(name)
    if home is not None:
        return moved_to(reference, home), f"{name} is no official image; its project publishes it as {home}"
    meant = _CALLED.get(name) or corrected(name, _known())
    if meant is None:
        return None
    return replace(reference, path=f"{LIBRARY}{meant}"), f"the official image is spelled {meant}"


def _organisation(reference: Reference) -> tuple[Reference, str] | None:
    """Look at what has no organisation in a registry where everything has one."""
    registry, path = reference.registry, reference.path
    if registry == "public.ecr.aws" and path.removeprefix(LIBRARY) in official():
        name = path.removeprefix(LIBRARY)
        return replace(reference, path=f"docker/{LIBRARY}{name}"), "there the official images are under docker/library/"
    if registry not in _ORGANISED or "/" in path:
        return None
    home = _homes().get(path)
    if home is not None:
        return moved_to(reference, home), f"the name lacks an organisation; the project publishes {path} as {home}"
    if path in official():
        meant = f"{DEFAULT_REGISTRY}/{LIBRARY}{path}"
        return moved_to(reference, meant), f"the name lacks an organisation; {path} is an official image of Docker Hub"
    return None
