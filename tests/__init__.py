"""Tests: unit, integration, scenario, lab and house, and what several of them use (`need.py`, `servers/`)."""
