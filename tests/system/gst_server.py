"""An RTSP server that we did not write: GStreamer's, fed with access units made beforehand.

Run by the system's Python, which has ``gi``::

    /usr/bin/python3 gst_server.py FPS [USER PASSWORD] -- NAME=CODEC=FILE ...

A file holds access units, each behind its size in four octets, big-endian. Prints the port in a
line of its own and serves until its standard input is closed.
"""

import sys
import threading
from pathlib import Path

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402 (versions come first)


def read_units(path: str) -> list[bytes]:
    data, units, at = Path(path).read_bytes(), [], 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        units.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return units


class Factory(GstRtspServer.RTSPMediaFactory):  # type: ignore[misc]
    """Each client has a pipeline of its own, which starts at the first key frame."""

    def __init__(self, codec: str, units: list[bytes], fps: int) -> None:
        super().__init__()
        self._codec, self._units, self._fps = codec, units, fps
        self._kept: list[object] = []  # Python references, so that no object's id is used again
        self.set_launch(
            f"( appsrc name=source is-live=true format=time do-timestamp=true "
            f"caps=video/x-{codec},stream-format=byte-stream,alignment=au,framerate={fps}/1 "
            f"! {codec}parse config-interval=-1 ! rtp{codec}pay name=pay0 pt=96 )"
        )

    def do_configure(self, media: object) -> None:
        source = media.get_element().get_child_by_name("source")  # type: ignore[attr-defined]
        self._kept += [media, source]
        feed = iter(self._units * 1000)

        def push() -> bool:
            unit = next(feed, None)
            if unit is None:
                return False
            result = source.emit("push-buffer", Gst.Buffer.new_wrapped(unit))
            return result in {Gst.FlowReturn.OK, Gst.FlowReturn.FLUSHING}

        push()
        GLib.timeout_add(1000 // self._fps, push)


def require_login(server: object, user: str, password: str) -> None:
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(2)  # GST_RTSP_AUTH_DIGEST
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_digest(user, password, token)
    server.set_auth(auth)  # type: ignore[attr-defined]


def main() -> None:
    at = sys.argv.index("--")
    fps, *login = sys.argv[1:at]
    Gst.init(None)
    server = GstRtspServer.RTSPServer(service="0", address="127.0.0.1")
    if login:
        require_login(server, login[0], login[1])
    factories = []
    for mount in sys.argv[at + 1 :]:
        name, codec, path = mount.split("=", 2)
        factory = Factory(codec, read_units(path), int(fps))
        if login:
            roles = GstRtspServer.RTSPPermissions()
            structure = Gst.Structure.new_from_string(
                "viewer, media.factory.access=(boolean)true, media.factory.construct=(boolean)true"
            )
            roles.add_role_from_structure(structure)
            factory.set_permissions(roles)
        server.get_mount_points().add_factory(f"/{name}", factory)
        factories.append(factory)
    server.attach(None)
    print(server.get_bound_port(), flush=True)
    loop = GLib.MainLoop()
    threading.Thread(target=lambda: (sys.stdin.read(), loop.quit()), daemon=True).start()
    loop.run()


if __name__ == "__main__":
    main()
