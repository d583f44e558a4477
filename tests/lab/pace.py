"""How often the lab's agents look: every few seconds, or once a minute as they do everywhere else."""

import json
from datetime import UTC, datetime

from tests.lab.lab import Lab
from tests.lab.process import until

PATH = "/etc/pullscope/agent.json"
AT_REST_S = 60
LOOK_S = 30.0  # a first round, where something may still wait for what was broken before


def of_a_minute(lab: Lab) -> None:
    """Let every agent run by the defaults, but for the images that it looks at."""
    for node in lab.nodes:
        agent = json.loads(node.path(PATH).read_text())
        node.path(f"{PATH}.lab").write_text(json.dumps(agent))
        for key in ("patience_s", "checks", "pull"):
            agent.pop(key)
        node.path(PATH).write_text(json.dumps(agent | {"interval_s": AT_REST_S}))
    anew(lab)


def of_the_lab(lab: Lab) -> None:
    """Undo it."""
    for node in lab.nodes:
        node.path(f"{PATH}.lab").rename(node.path(PATH))
    anew(lab)


def anew(lab: Lab) -> None:
    """Start every agent anew, and wait until each has looked at everything: nobody waits for a minute to be over."""
    began = datetime.now(UTC)
    for node in lab.nodes:
        node.stop_agent()
        node.start_agent()
    until(lambda: _looked_since(lab, began), "all agents to look at everything", LOOK_S)


def _looked_since(lab: Lab, began: datetime) -> bool:
    nodes = json.loads(lab.services.ask("/snapshot"))["nodes"]
    return len(nodes) == len(lab.nodes) and all(
        datetime.fromisoformat(result["at"]) > began for node in nodes for result in node["results"]
    )
