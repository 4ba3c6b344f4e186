"""Fuzzing of everything that reads what a camera sends. ``python -m tests.fuzz --help``."""
