"""An agent's configuration file, read once into frozen values.

``load(path)`` is the way in: YAML (``yaml_file``), checked against ``shape``, with ``${NAME}``
filled in (``secrets``), as the values of ``values``. Whatever is wrong becomes one ``ConfigError``
that names file, key and why; nothing of the configuration is read again while the agent runs.

Relative paths start at the configuration file's folder.
"""

from edge.config.load import load
from edge.config.values import (
    CameraConfig,
    CentreConfig,
    ConfigError,
    EdgeConfig,
    EvidenceConfig,
    GateConfig,
    GateInputConfig,
    HostConfig,
    OnvifConfig,
    RecordingsConfig,
    WatchConfig,
)

__all__ = [
    "CameraConfig",
    "CentreConfig",
    "ConfigError",
    "EdgeConfig",
    "EvidenceConfig",
    "GateConfig",
    "GateInputConfig",
    "HostConfig",
    "OnvifConfig",
    "RecordingsConfig",
    "WatchConfig",
    "load",
]
