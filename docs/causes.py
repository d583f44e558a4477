"""The page of causes: what each means, how it looks in each runtime, which checks see it, and how it is fixed.

Drawn from the catalogue and from the rules that read messages; a test holds the page equal to them.
"""

import re

from agent.contract.causes import CATALOGUE, Cause, remedy_for
from agent.contract.classify.rule import LIKELY, Rule
from agent.contract.classify.rules import RULES
from aggregator.web.text import PROGRAMS

# Whose words an example is, by the software that its rule's `by` names first. Libraries come last: what they say stands
# at the end of every runtime's chain.
_FAMILIES = (
    ("kubelet, Kubernetes", r"kubelet|kubernetes"),
    ("containerd, nerdctl, crictl", r"containerd|nerdctl|buildkit|spegel|overlaybd"),
    ("CRI-O, podman, buildah, skopeo", r"containers/|cri-o|podman|skopeo|buildah"),
    ("Docker", r"docker(?! hub)"),
    ("crane, oras and other clients", r"crane|oras|kaniko|go-containerregistry|cosign|notary|amazon ecs|talos|k3s"),
    (
        "registries, proxies and clouds",
        r"distribution|docker hub|quay|ghcr|ecr|aws|azure|acr|google|harbor|artifactory|nexus|gitlab|openshift|registr|"
        r"squid|web filter|cloudf|akamai|envoy|s3|proxy|proxies|rfc|balancer|portal|guest|jfrog",
    ),
)
_LIBRARIES = "Go's libraries, the kernel, curl and others, at the end of any runtime's message"

_PLACEHOLDERS = ("host", "port", "registry", "image", "repository", "node")

# How each runtime wraps what went wrong, `…`, around one image.
WRAPPERS = (
    ("kubelet", 'Failed to pull image "r.example.com/team/app:1": …'),
    ("kubelet 1.32 and later", 'Back-off pulling image "r.example.com/team/app:1": ErrImagePull: …'),
    (
        "containerd: resolving the tag",
        'failed to pull and unpack image "r.example.com/team/app:1": failed to resolve reference '
        '"r.example.com/team/app:1": failed to do request: Head "https://r.example.com/v2/team/app/manifests/1": …',
    ),
    (
        "containerd: the token service",
        'failed to resolve reference "r.example.com/team/app:1": failed to authorize: failed to fetch oauth token: …',
    ),
    (
        "containerd: content",
        'failed to pull and unpack image "r.example.com/team/app:1": failed to copy: httpReadSeeker: failed open: '
        "failed to do request: …",
    ),
    (
        "podman, buildah, skopeo, CRI-O: the registry",
        "initializing source docker://r.example.com/team/app:1: pinging container registry r.example.com: Get "
        '"https://r.example.com/v2/": …',
    ),
    (
        "podman, buildah, skopeo, CRI-O: the manifest",
        "initializing source docker://r.example.com/team/app:1: reading manifest 1 in r.example.com/team/app: …",
    ),
    (
        "CRI-O 1.33 and later",
        "unable to pull image or OCI artifact: pull image err: initializing source docker://r.example.com/team/app:1: "
        "…; artifact err: get manifest: build image source: …",
    ),
    ("Docker: the registry", 'Error response from daemon: Get "https://r.example.com/v2/": …'),
    ("Docker 28 and later", 'Error response from daemon: failed to resolve reference "r.example.com/team/app:1": …'),
    ("Docker: the configuration blob", "error pulling image configuration: download failed after attempts=6: …"),
    ("Docker: unpacking", "failed to register layer: …"),
)

_INTRODUCTION = """\
# Causes

What Pullscope can name as the reason why an image cannot be pulled. This page is made by `make docs` from the
catalogue, `agent/contract/causes/`, and from the rules that read messages, `agent/contract/classify/rules/`: correct it
there.

- **Severity**: a failure keeps images from being pulled; a warning does not, or not yet.
- **Passes by itself**: whether a retry may help, or it stays until somebody acts. A message can know better; then its
  row says so.
- **Seen by**: the checks that give this cause by looking. The check `pull`, pods' events and `pullscope classify` read
  messages, and give it wherever a message below, or one like it, is found.
- In a fix, words in braces are filled in by a finding: `{host}`, `{port}`, `{registry}`, `{image}`, `{repository}`,
  `{node}`.

## How each runtime speaks

A runtime tells where in the pull it stopped; the cause stands at the end of the chain, here at `…`. What the tables
below list under libraries and registries is found there, whatever the runtime.
"""


def page() -> str:
    """Give the whole page."""
    return "\n".join([_INTRODUCTION, _wrappers(), _index(), *map(_section, CATALOGUE)])


def _wrappers() -> str:
    rows = [f"| {runtime} | {_code(form)} |" for runtime, form in WRAPPERS]
    return "\n".join(["| runtime | says |", "|---|---|", *rows, "", "## All causes", ""])


def _index() -> str:
    rows = [
        f"| [`{cause.id}`](#{cause.id}) | {cause.title} | {cause.severity} | {_yes(cause.transient)} |"
        for cause in CATALOGUE
    ]
    return "\n".join(["| cause | in words | severity | passes by itself |", "|---|---|---|---|", *rows, ""])


def _section(cause: Cause) -> str:
    # Loose words are nobody's own: as examples they would say nothing.
    told = [rule for rule in RULES if rule.cause == cause.id and rule.weight > LIKELY]
    return "\n".join(
        [
            f"## {cause.id}",
            "",
            f"**{cause.title[0].upper()}{cause.title[1:]}.** {cause.meaning}",
            "",
            f"- Severity: {cause.severity}",
            f"- Passes by itself: {_yes(cause.transient)}",
            f"- Seen by: {_seen_by(cause, told)}",
            f"- Runbook: {cause.see.removeprefix('runbook ')}",
            "",
            f"Fix: {cause.summary}",
            "",
            "```sh",
            *(step if step.split(" ", 1)[0] in PROGRAMS else f"# {step}" for step in steps(cause)),
            "```",
            "",
            *_looks(cause, told),
        ]
    )


def steps(cause: Cause) -> list[str]:
    """Give the steps of a cause's fix with their placeholders in braces."""
    return remedy_for(cause.id, **{name: f"{{{name}}}" for name in _PLACEHOLDERS}).steps


def _seen_by(cause: Cause, told: list[Rule]) -> str:
    if cause.id == "agent_silent":
        return "the aggregator, which misses the node's reports"
    checks = [f"`{name}`" for name in cause.checks if name != "pull"]
    if told or "pull" in cause.checks:
        checks += ["`pull`"]
    return ", ".join(checks) if checks else "whatever finds a fault that it cannot name"


def _looks(cause: Cause, told: list[Rule]) -> list[str]:
    if not told:
        return ["No message of a runtime means this by itself.", ""]
    lines = []
    for family in (*(name for name, _ in _FAMILIES), _LIBRARIES):
        rows = [_row(cause, rule) for rule in told if _family(rule) == family]
        if rows:
            lines += [f"| {family} | printed by |", "|---|---|", *rows, ""]
    return lines


def _family(rule: Rule) -> str:
    by = rule.by.lower()
    named = [(found.start(), name) for name, words in _FAMILIES if (found := re.search(words, by))]
    return min(named)[1] if named else _LIBRARIES


def _row(cause: Cause, rule: Rule) -> str:
    differs = rule.transient is not None and rule.transient != cause.transient
    remark = f" ({'passes' if rule.transient else 'stays'})" if differs else ""
    return f"| {_code(rule.example)} | {_cell(rule.by)}{remark} |"


def _code(text: str) -> str:
    fence = "``" if "`" in text else "`"
    gap = " " if text.startswith("`") or text.endswith("`") else ""
    return _cell(f"{fence}{gap}{text}{gap}{fence}")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _yes(true: bool) -> str:
    return "yes" if true else "no"
