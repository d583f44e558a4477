"""How often the lab's agents look: every few seconds, or once a minute as they do everywhere else."""

import json

from tests.lab.lab import Lab

PATH = "/etc/pullscope/agent.json"
AT_REST_S = 60


def of_a_minute(lab: Lab) -> None:
    """Let every agent run by the defaults, but for the images that it looks at."""
    for node in lab.nodes:
        agent = json.loads(node.path(PATH).read_text())
        node.path(f"{PATH}.lab").write_text(json.dumps(agent))
        for key in ("patience_s", "checks", "pull"):
            agent.pop(key)
        node.path(PATH).write_text(json.dumps(agent | {"interval_s": AT_REST_S}))
        _again(lab, node.name)


def of_the_lab(lab: Lab) -> None:
    """Undo it."""
    for node in lab.nodes:
        node.path(f"{PATH}.lab").rename(node.path(PATH))
        _again(lab, node.name)


def _again(lab: Lab, node: str) -> None:
    lab.node(node).stop_agent()
    lab.node(node).start_agent()
