"""Finding cameras on the network, and asking them what a picture can't tell.

Discovery: WS-Discovery over every interface (``probe``, ``multicast``, ``interfaces``), Hikvision's
own (``sadp``), a bounded look at a subnet's ports (``sweep``), who is who (``identity``). Asking:
the clock (``soap``, ``reading``), what the camera is and its streams (``camera``, ``details``),
what a recorder holds (``recordings``, ``isapi``), and what all that is worth (``grade``).

The ONVIF library is imported by ``camera`` alone, and that runs in a process of
its own (``ask``): it costs 40 MB and parses what strangers send. The agent starts one such
process for all that is due (``asker``) and kills it when it hangs.

Nobody's password is ever guessed or tried twice: one try a camera, and what was refused is left
alone until the credential changes or the pause is over.
"""
