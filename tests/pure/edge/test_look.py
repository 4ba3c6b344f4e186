import json

from edge.look import Look
from edge.rtsp.url import CameraUrl
from edge.sighting import Verdict
from wire.vocabulary import Cause


def test_a_look_as_json_has_what_a_technician_needs_and_no_password() -> None:
    url = CameraUrl.parse("rtsp://xem:b1mat@10.0.0.1/x?password=b1mat")
    found = Look(url=url.redacted, verdict=Verdict(cause=Cause.RTSP_AUTH, detail="wrong"))
    written = json.loads(json.dumps(found.to_json()))
    assert (written["state"], written["cause"], written["detail"]) == ("down", "rtsp.auth", "wrong")
    assert set(written["advice"]) == {"vi", "en"}
    assert {
        "connect_ms",
        "describe_ms",
        "first_rtp_ms",
        "first_key_frame_ms",
        "codec",
        "width",
        "height",
        "fps",
        "kbit_s",
        "loss",
    } <= set(written)
    assert "b1mat" not in str(written)


def test_an_up_camera_has_no_cause() -> None:
    found = Look(url="rtsp://c:554", verdict=Verdict(cause=None)).to_json()
    assert (found["state"], found["cause"]) == ("up", None)
