"""`python -m docs`: write the pages that are made from the code."""

from pathlib import Path

from docs import causes

PAGES = {"causes.md": causes.page}


def main() -> None:
    """Write each page beside this module."""
    for name, page in PAGES.items():
        (Path(__file__).parent / name).write_text(page())


if __name__ == "__main__":
    main()
