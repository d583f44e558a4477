"""Which images may a name mean on this node?

containerd and Docker write a short name out as one of Docker Hub. podman and CRI-O look it up: aliases first, then the
registries to search, in their order; more than one is ambiguous where the mode is `enforcing`.

Cannot see: a person at podman's prompt, who would choose.

Source: containers-registries.conf(5); containers/image, pkg/shortnames.
"""

from agent.contract.reference import Reference, is_short, parse
from agent.host.endpoints import override
from agent.host.fault import Fault
from agent.host.registries_conf import Registries, read
from agent.host.root import Root
from agent.host.runtime import Runtime


def resolve(root: Root, runtime: Runtime | None, text: str) -> list[Reference]:
    """Give what the runtime would try, in its order.

    Raises:
        InvalidReferenceError: where the text can name no image.
        HostFileError: where a file is broken.
        Fault: `short_name_ambiguous` where the name means nothing here, or more than the runtime takes.
    """
    reference = parse(text)
    if runtime is None or runtime.name not in ("podman", "cri-o") or not is_short(text):
        return [reference]
    registries = read(root, override(runtime))
    repository, behind = _split(text)
    alias = registries.aliases.get(repository)
    if alias:
        return [parse(f"{alias}{behind}")]
    if not registries.search:
        where = f"no unqualified-search-registries in {registries.source or 'any registries.conf'}"
        raise Fault("short_name_ambiguous", f"{text!r} names no registry: there is no alias for it and {where}")
    return _searched(text, registries, runtime)


def _searched(text: str, registries: Registries, runtime: Runtime) -> list[Reference]:
    found = [parse(f"{registry}/{text}") for registry in registries.search or ()]
    # CRI-O asks nobody: it goes through all of them, or refuses where the mode says so.
    if len(found) > 1 and registries.mode == "enforcing":
        names = ", ".join(registries.search or ())
        raise Fault(
            "short_name_ambiguous",
            f"{text!r} may mean an image of {names}, and short-name-mode is enforcing",
            file=registries.source,
            candidates=[str(one) for one in found],
            runtime=runtime.name,
        )
    return found


def _split(text: str) -> tuple[str, str]:
    """Part the repository from its tag and digest."""
    name, at, digest = text.partition("@")
    path, slash, last = name.rpartition("/")
    stem, colon, tag = last.partition(":")
    return f"{path}{slash}{stem}", f"{colon}{tag}{at}{digest}"
