"""Local moments as browsers send and take them (``datetime-local``). Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from server.texts.tongue import LOCALE, N_
from server.web import forms
from server.web.forms import BadInputError

_FORM: Final = "%Y-%m-%dT%H:%M"
_LENGTH: Final = 16
_MORNING_H: Final = 7


def local_moment(given: Mapping[str, str], name: str) -> datetime:
    """Return the UTC of a local moment. Raises ``BadInputError``."""
    said = forms.text(given, name)[:_LENGTH]
    try:
        local = datetime.strptime(said, _FORM).replace(tzinfo=LOCALE)
    except ValueError:
        raise BadInputError(name, N_("must be a day and a time")) from None
    forms.in_our_time(name, local)
    return local.astimezone(UTC)


def proposed_end(now: datetime) -> str:
    """Return tomorrow morning, as a browser takes it."""
    tomorrow = now.astimezone(LOCALE) + timedelta(days=1)
    return tomorrow.replace(hour=_MORNING_H, minute=0).strftime(_FORM)
