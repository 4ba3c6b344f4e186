"""Pages, the REST API and the live stream: what people and programs see of the centre.

``app`` puts it together; ``routes`` (pages), ``accounts`` (signing in), ``api`` and ``live`` are
thin handlers; ``guard`` stands before them all; ``readings`` fetches from the store; ``pages``
build what is shown, purely; ``rendering``, ``charts``, ``words``, ``tongue`` turn it into text.
"""

from server.web.app import make_app
from server.web.deps import WebDeps

__all__ = ["WebDeps", "make_app"]
