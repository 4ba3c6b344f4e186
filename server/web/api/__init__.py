"""The REST API under ``/api/v1``: ``table`` holds every route, ``handlers`` what each one does.

Programs sign in with ``POST /api/v1/sessions`` and send the token as ``Authorization: Bearer``; a
signed-in browser's cookie does as well. Every failure is ``{"error": {"code", "message"}}``.
"""
