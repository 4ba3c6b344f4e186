"""Lets the centre live through a recorded time again: reports, what people typed in, and nights.

``lines`` reads the recording, ``living`` is the centre with the recording's clock, ``cli`` the
command ``vonggac-server replay``. Only into a database that no agent has ever reported to: a
recording never mixes with what is real. See docs/example-year.md.
"""
