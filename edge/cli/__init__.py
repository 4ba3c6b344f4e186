"""The agent's command line."""

from edge.cli.main import main

__all__ = ["main"]
