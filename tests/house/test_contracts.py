"""The import contracts speak of every module of the agent: a new one must not slip past them."""

import tomllib

from tests.house.project import ROOT, stems


def test_what_the_aggregator_and_the_contract_may_not_import_is_all_of_the_agent_but_the_contract() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    folders = {path.parent.name for path in (ROOT / "agent").glob("*/__init__.py")}
    whole = {f"agent.{stem}" for stem in (stems("agent") | folders) - {"contract"}}
    checked = [
        one for one in settings["contracts"] if one.get("source_modules") in (["aggregator"], ["agent.contract"])
    ]
    assert len(checked) == 2
    for contract in checked:
        assert whole - set(contract["forbidden_modules"]) == set(), contract["name"]
