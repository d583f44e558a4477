"""The lab for a person: `make lab` brings it up, takes commands, and takes it down at the end or on Ctrl-C."""

# ruff: noqa: T201 - it talks to a person

import shlex
import signal
import subprocess
import sys

from tests.lab.fault import Fault
from tests.lab.faults import FAULTS, name_of
from tests.lab.lab import Lab
from tests.lab.process import LabError, environment

_COMMANDS = """
  begin NAME        break it
  end NAME          mend it
  report            what the aggregator says (from another shell: {report})
  exec NODE CMD …   run a command in a node, e.g.  exec node-4 crictl pull registry.lab/team/app:1
  faults            this list
  quit              mend nothing, take everything down (as Ctrl-C does)
"""


class Session:
    """One person at the lab: the faults that were begun, and the commands."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.begun: list[str] = []

    def show(self) -> None:
        """Print the faults and the commands."""
        print("\nFaults:")
        for fault in FAULTS:
            mark = "*" if name_of(fault) in self.begun else " "
            print(f" {mark} {name_of(fault):22} {fault.TITLE}")
        print(_COMMANDS.format(report=shlex.join(self.lab.services.report_command(as_json=False))))

    def obey(self, line: str) -> bool:
        """Do what a line says; tell whether to go on."""
        command, *words = shlex.split(line) or [""]
        match command, words:
            case ("begin", [name]):
                self._begin(name)
            case ("end", [name]):
                self._end(name)
            case ("report", []):
                print(self.lab.services.report(as_json=False))
            case ("exec", [node, *rest]) if rest:
                subprocess.run((*self.lab.node(node).inside(), *rest), env=environment(), check=False)
            case ("quit" | "exit", []):
                return False
            case ("", []):
                pass
            case _:
                self.show()
        return True

    def _begin(self, name: str) -> None:
        if name in self.begun:
            raise LabError(f"{name} has begun already")
        _fault(name).begin(self.lab)
        self.begun.append(name)

    def _end(self, name: str) -> None:
        if name not in self.begun:
            raise LabError(f"{name} has not begun")
        _fault(name).end(self.lab)
        self.begun.remove(name)


def _fault(name: str) -> Fault:
    for fault in FAULTS:
        if name_of(fault) == name:
            return fault
    raise LabError(f"no fault {name}")


def _terminated(*_: object) -> None:
    raise KeyboardInterrupt


def main() -> None:
    """Run the lab until the person has had enough."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what was started in the background is deaf to it
    signal.signal(signal.SIGTERM, _terminated)
    signal.signal(signal.SIGHUP, _terminated)
    try:
        with Lab(say=print) as lab:
            print(f"up after {lab.took_s:.1f} s")
            session = Session(lab)
            session.show()
            while True:
                print("lab> ", end="", flush=True)
                line = sys.stdin.readline()
                try:
                    if not line or not session.obey(line):
                        break
                except (LabError, ValueError) as error:  # ValueError: a quotation that does not end
                    print(error)
    except KeyboardInterrupt:
        pass
    except LabError as error:
        sys.exit(f"the lab does not come up: {error}")
    print("\nthe lab is down")


if __name__ == "__main__":
    main()
