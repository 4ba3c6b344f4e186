"""Where gate readers and guards leave their events: HTTP on loopback, on the gate PC itself.

``POST /v1/gate-events`` with ``Authorization: Bearer TOKEN`` and a JSON object; 201 only after the
event is on the disk. A caller that gives its own ``id`` may repeat itself after a lost answer: the
repeat gets 200 and the first's number. 507 says that there is no room now. ``GET /v1/health``
answers anybody. Where the configuration names ``gates``, ``GET /`` is the guards' page "Giao ca"
(``page``): what is typed there goes the same way.

Errors are ``{"error": {"code", "message", "field"?}}``; nothing that a caller sends stops the
service or appears in a log.
"""

from edge.gate_input.service import GateInput, GateInputError
from edge.gate_input.shiftbook import ShiftBook

__all__ = ["GateInput", "GateInputError", "ShiftBook"]
