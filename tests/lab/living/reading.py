"""How what a tool said is read: as a whole and line by line, as a person may paste it."""

from agent.contract.classify import classify
from tests.lab.living.tool import Heard


def misread(heard: Heard, cause: str) -> list[str]:
    """Give what is read as something else than the cause, or not read at all."""
    if heard.worked:
        return [f"{heard.tool.name} could pull: {heard.said}"]
    told = [line for line in heard.said.splitlines() if line.strip()]
    wrong = [] if classify(heard.said).cause == cause else [_misread(heard, heard.said)]
    wrong += _strays(heard, told, cause)
    if cause not in {classify(line).cause for line in told}:
        wrong.append(f"{heard.tool.name}: no line of it says {cause}")
    return wrong + _strays(heard, heard.logged.splitlines(), cause)


def misread_pull(heard: Heard, cause: str) -> list[str]:
    """Give what is wrong about a pull that works all the same: it may warn of the cause and of nothing else."""
    if not heard.worked:
        return [f"{heard.tool.name} could not pull: {heard.said}"]
    return _strays(heard, heard.said.splitlines(), cause)


def _strays(heard: Heard, lines: list[str], cause: str) -> list[str]:
    return [_misread(heard, line) for line in lines if classify(line).cause not in (cause, "unknown")]


def _misread(heard: Heard, text: str) -> str:
    return f"{heard.tool.name}, read as {classify(text).cause}: {text}"
