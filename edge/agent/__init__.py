"""The agent: all parts built by hand (``serve``), each with its teardown.

The way of a sighting: a watcher makes it, ``recorder`` gives it to the segment builder, what
changed goes to the spool, the uplink is poked. The watermark is written down every ten seconds.
"""

from edge.agent.logs import set_up_logging
from edge.agent.serve import AgentError, serve

__all__ = ["AgentError", "serve", "set_up_logging"]
