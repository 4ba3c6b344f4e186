"""What an ONVIF device says, as XML. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from edge.onvif.markup import escape

_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:tds="http://www.onvif.org/ver10/device/wsdl"'
    ' xmlns:trt="http://www.onvif.org/ver10/media/wsdl"'
    ' xmlns:tse="http://www.onvif.org/ver10/search/wsdl"'
    ' xmlns:tt="http://www.onvif.org/ver10/schema"'
    ' xmlns:ter="http://www.onvif.org/ver10/error"'
    ' xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
    ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"'
    ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl">'
)
NAMESPACES: Final = {
    "device": "http://www.onvif.org/ver10/device/wsdl",
    "media": "http://www.onvif.org/ver10/media/wsdl",
    "events": "http://www.onvif.org/ver10/events/wsdl",
    "search": "http://www.onvif.org/ver10/search/wsdl",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One media profile and the stream behind it."""

    token: str
    url: str
    codec: str = "H264"
    width: int = 1920
    height: int = 1080
    fps: int = 25
    source: str = "source-1"


def envelope(body: str, header: str = "") -> bytes:
    """Return a whole answer."""
    head = f"<env:Header>{header}</env:Header>" if header else ""
    return f"{_HEAD}{head}<env:Body>{body}</env:Body></env:Envelope>".encode()


def fault(subcode: str, reason: str, *, sender: bool = True) -> bytes:
    """Return a SOAP fault."""
    code = "Sender" if sender else "Receiver"
    return envelope(
        f"<env:Fault><env:Code><env:Value>env:{code}</env:Value><env:Subcode>"
        f"<env:Value>ter:{subcode}</env:Value></env:Subcode></env:Code>"
        f'<env:Reason><env:Text xml:lang="en">{escape(reason)}</env:Text></env:Reason></env:Fault>'
    )


def date_and_time(utc: datetime | None, local: datetime | None) -> bytes:
    """Return a device's time; None for UTC is zeros, for local nothing."""
    stamp = _stamp("UTCDateTime", utc) + (_stamp("LocalDateTime", local) if local else "")
    return envelope(
        "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime>"
        "<tt:DateTimeType>Manual</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings>"
        f"<tt:TimeZone><tt:TZ>ICT-7</tt:TZ></tt:TimeZone>{stamp}"
        "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
    )


def _stamp(name: str, at: datetime | None) -> str:
    time = (at.hour, at.minute, at.second) if at else (0, 0, 0)
    date = (at.year, at.month, at.day) if at else (0, 0, 0)
    parts = zip(("Hour", "Minute", "Second"), time, strict=True)
    days = zip(("Year", "Month", "Day"), date, strict=True)
    return (
        f"<tt:{name}><tt:Time>{''.join(f'<tt:{k}>{v}</tt:{k}>' for k, v in parts)}</tt:Time>"
        f"<tt:Date>{''.join(f'<tt:{k}>{v}</tt:{k}>' for k, v in days)}</tt:Date></tt:{name}>"
    )


def device_information(brand: str, model: str, firmware: str, serial: str) -> bytes:
    """Return what a device is."""
    return envelope(
        "<tds:GetDeviceInformationResponse>"
        f"<tds:Manufacturer>{escape(brand)}</tds:Manufacturer><tds:Model>{escape(model)}</tds:Model>"
        f"<tds:FirmwareVersion>{escape(firmware)}</tds:FirmwareVersion>"
        f"<tds:SerialNumber>{escape(serial)}</tds:SerialNumber>"
        "<tds:HardwareId>88</tds:HardwareId></tds:GetDeviceInformationResponse>"
    )


def services(addresses: dict[str, str]) -> bytes:
    """Return where a device's services are."""
    found = "".join(
        f"<tds:Service><tds:Namespace>{NAMESPACES[name]}</tds:Namespace>"
        f"<tds:XAddr>{escape(url)}</tds:XAddr><tds:Version><tt:Major>2</tt:Major>"
        "<tt:Minor>60</tt:Minor></tds:Version></tds:Service>"
        for name, url in addresses.items()
    )
    return envelope(f"<tds:GetServicesResponse>{found}</tds:GetServicesResponse>")


def capabilities(addresses: dict[str, str]) -> bytes:
    """Return the same, as older devices tell it."""
    found = "".join(
        f"<tt:{name.title()}><tt:XAddr>{escape(url)}</tt:XAddr>"
        + ("<tt:StreamingCapabilities/>" if name == "media" else "")
        + f"</tt:{name.title()}>"
        for name, url in addresses.items()
        if name in {"device", "events", "media"}
    )
    return envelope(
        "<tds:GetCapabilitiesResponse><tds:Capabilities>"
        f"{found}</tds:Capabilities></tds:GetCapabilitiesResponse>"
    )


def network_interfaces(mac: str) -> bytes:
    """Return a device's one network interface."""
    return envelope(
        '<tds:GetNetworkInterfacesResponse><tds:NetworkInterfaces token="eth0">'
        "<tt:Enabled>true</tt:Enabled><tt:Info><tt:Name>eth0</tt:Name>"
        f"<tt:HwAddress>{mac.upper()}</tt:HwAddress><tt:MTU>1500</tt:MTU></tt:Info>"
        "</tds:NetworkInterfaces></tds:GetNetworkInterfacesResponse>"
    )


def endpoint_reference(endpoint: str) -> bytes:
    """Return a device's endpoint."""
    return envelope(
        "<tds:GetEndpointReferenceResponse>"
        f"<tds:GUID>{endpoint}</tds:GUID></tds:GetEndpointReferenceResponse>"
    )


def profiles(found: Sequence[Profile]) -> bytes:
    """Return the media profiles."""
    return envelope(
        f"<trt:GetProfilesResponse>{''.join(map(_profile, found))}</trt:GetProfilesResponse>"
    )


def _profile(one: Profile) -> str:
    token = escape(one.token)
    return (
        f'<trt:Profiles token="{token}" fixed="true"><tt:Name>{token}</tt:Name>'
        f'<tt:VideoSourceConfiguration token="vs-{token}"><tt:Name>vs</tt:Name>'
        f"<tt:UseCount>2</tt:UseCount><tt:SourceToken>{escape(one.source)}</tt:SourceToken>"
        '<tt:Bounds x="0" y="0" width="1920" height="1080"/></tt:VideoSourceConfiguration>'
        f'<tt:VideoEncoderConfiguration token="enc-{token}"><tt:Name>enc-{token}</tt:Name>'
        f"<tt:UseCount>1</tt:UseCount><tt:Encoding>{one.codec}</tt:Encoding>"
        f"<tt:Resolution><tt:Width>{one.width}</tt:Width><tt:Height>{one.height}</tt:Height>"
        "</tt:Resolution><tt:Quality>3</tt:Quality><tt:RateControl>"
        f"<tt:FrameRateLimit>{one.fps}</tt:FrameRateLimit><tt:EncodingInterval>1"
        "</tt:EncodingInterval><tt:BitrateLimit>2048</tt:BitrateLimit></tt:RateControl>"
        "<tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type><tt:IPv4Address>0.0.0.0"
        "</tt:IPv4Address></tt:Address><tt:Port>0</tt:Port><tt:TTL>1</tt:TTL>"
        "<tt:AutoStart>false</tt:AutoStart></tt:Multicast><tt:SessionTimeout>PT5S"
        "</tt:SessionTimeout></tt:VideoEncoderConfiguration></trt:Profiles>"
    )


def stream_uri(url: str) -> bytes:
    """Return where a profile's stream is."""
    return envelope(
        f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{escape(url)}</tt:Uri>"
        "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false"
        "</tt:InvalidAfterReboot><tt:Timeout>PT60S</tt:Timeout></trt:MediaUri>"
        "</trt:GetStreamUriResponse>"
    )


def probe_matches(
    *, relates_to: str, endpoint: str, xaddr: str, scopes: dict[str, str], declared: bool
) -> bytes:
    """Return the answer to a probe."""
    said = " ".join(f"onvif://www.onvif.org/{kind}/{quote(v)}" for kind, v in scopes.items())
    whole = envelope(
        "<d:ProbeMatches><d:ProbeMatch><wsa:EndpointReference>"
        f"<wsa:Address>{endpoint}</wsa:Address></wsa:EndpointReference>"
        "<d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types>"
        f"<d:Scopes>{escape(said)}</d:Scopes><d:XAddrs>{escape(xaddr)}</d:XAddrs>"
        "<d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches>",
        f"<wsa:RelatesTo>{escape(relates_to)}</wsa:RelatesTo>",
    )
    if declared:
        return whole
    return whole.replace(b' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"', b"")


def sadp_match(
    *, uuid: str, model: str, serial: str, mac: str, firmware: str, address: str
) -> bytes:
    """Return the answer to an inquiry of Hikvision's own discovery."""
    return (
        '<?xml version="1.0" encoding="UTF-8" ?><ProbeMatch>'
        f"<Uuid>{escape(uuid)}</Uuid><Types>inquiry</Types><DeviceType>139424</DeviceType>"
        f"<DeviceDescription>{escape(model)}</DeviceDescription>"
        f"<DeviceSN>{escape(serial)}</DeviceSN><CommandPort>8000</CommandPort>"
        f"<HttpPort>80</HttpPort><MAC>{mac.replace(':', '-')}</MAC>"
        f"<IPv4Address>{address}</IPv4Address><DHCP>false</DHCP>"
        f"<SoftwareVersion>{escape(firmware)}</SoftwareVersion><Activated>true</Activated>"
        "</ProbeMatch>"
    ).encode()
