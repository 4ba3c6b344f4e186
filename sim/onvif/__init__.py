"""The ONVIF face of a simulated camera or recorder: discovery over UDP, SOAP and ISAPI over HTTP.

Real sockets, real datagrams, and the quirks of real brands (``quirks``). ``face`` is a device's
HTTP side, ``responder`` its answer to WS-Discovery, ``envelopes`` and ``recorder`` what they say.
"""

from sim.onvif.face import Face, FaceSpec
from sim.onvif.quirks import Quirk
from sim.onvif.recorder import Track
from sim.onvif.responder import Responder

__all__ = ["Face", "FaceSpec", "Quirk", "Responder", "Track"]
