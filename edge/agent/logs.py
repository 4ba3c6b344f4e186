"""Logs: one line per record on standard error, UTC, without any secret of the configuration."""

import logging
import time
from collections.abc import Sequence

from edge.config import EdgeConfig
from edge.redact import Secret, redact


class _RedactingFormatter(logging.Formatter):
    """Takes every known secret out of the finished line, a traceback's too."""

    def __init__(self, secrets: Sequence[Secret]) -> None:
        super().__init__("%(asctime)sZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")
        self.converter = time.gmtime
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's line."""
        return redact(super().format(record), self._secrets)


def set_up_logging(config: EdgeConfig, *, verbose: bool) -> None:
    """Send this process's logs to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(_RedactingFormatter(_secrets(config)))
    level = logging.DEBUG if verbose else logging.INFO
    logging.basicConfig(level=level, handlers=[handler])


def _secrets(config: EdgeConfig) -> list[Secret]:
    urls = [url for camera in config.cameras for url in (camera.url, camera.watch_url)]
    known = [secret for url in urls for secret in url.secrets]
    known += [config.centre.password] if config.centre.password else []
    return known + ([config.gate_input.token] if config.gate_input else [])
