"""How old can an answer in this report be? In words, for the report's head."""

from agent.contract.report import Freshness

_ANSWERS = (("registry", "an answer"), ("manifest", "of images"), ("layer", "of their content"))
NAMED = 3  # registries for whose sake intervals are stretched; the JSON form names all


def age_of(freshness: Freshness) -> str:
    """Say how old answers can be, and for whose sake they are older than they need be."""
    ages = [f"{words} {_span(freshness.up_to_s[check])}" for check, words in _ANSWERS if check in freshness.up_to_s]
    line = "how old at most: " + ", ".join(ages)
    if not freshness.stretched:
        return line
    names = list(freshness.stretched)
    others = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    rate = f"{freshness.rate:g} requests/s"
    stretched = f"rounds are stretched to {_span(freshness.interval_s)}"
    return f"{line}; {stretched} to stay under {rate} at {', '.join(names[:NAMED])}{others}"


def _span(seconds: float) -> str:
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    return f"{round(whole / 60)} min" if whole < 7200 else f"{whole / 3600:.1f} h"
