"""Errors sorted by what the caller does next."""


class StoreError(Exception):
    """Base; its text names what happened in words fit for a log."""


class UnavailableError(StoreError):
    """The database can't be reached or is busy: nothing was committed, try again later."""


class PoisonError(StoreError):
    """The database will never take what was given: refuse it, don't retry."""


class UnusableError(StoreError):
    """The database can't be opened at all (path, permission, broken file): give up and say so."""
