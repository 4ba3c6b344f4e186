"""What an address asks for of a long list."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from server.texts.tongue import N_
from server.web import forms
from server.web.api.openapi import Parameter
from server.web.forms import BadInputError
from server.web.pages.choosing import Choice

_MOST_PAGES: Final = 100_000
_LONGEST: Final = 80
PARAMETERS: Final = (
    Parameter(name="unit", text="Schools of this unit and of all below it; else all"),
    Parameter(name="q", text="Each word must be in a school's name or id"),
    Parameter(name="page", text="Which page of the list, from 1", kind="integer"),
)


def choice_of(query: Mapping[str, str], states: type[StrEnum] | None = None) -> Choice:
    """Return the choice of an address; ``states``: the words of ``which``.

    Raises ``BadInputError``.
    """
    which = forms.text(query, "which")
    if which and (states is None or which not in set(states)):
        words = ", ".join(states or ())
        raise BadInputError("which", N_("must be one of: %(words)s"), words=words)
    return Choice(
        unit=forms.identifier(query, "unit"),
        query=forms.text(query, "q", longest=_LONGEST),
        which=which,
        page=forms.number(query, "page", default=1, least=1, most=_MOST_PAGES),
    )
