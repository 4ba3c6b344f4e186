"""Routes of the API of who is told, and when."""

from typing import Final

from server.paging.book import POLICY, RECEIVER, ROTA
from server.web.api import alerting_types as a
from server.web.api.alerting import (
    delete_silence,
    get_channels,
    get_paging,
    get_rules,
    get_silences,
    post_preview,
    put_policy,
    put_receiver,
    put_rota,
    put_rules,
    remover,
)
from server.web.api.openapi import Operation, Parameter
from server.web.api.route import Handler

_REVISION: Final = (Parameter(name="revision", text="The revision that was seen", kind="integer"),)
ALERTING: Final[tuple[tuple[Operation, Handler], ...]] = (
    (
        Operation(
            method="GET",
            path="/alerting",
            text="Receivers, rotas and policies (addresses for officers)",
            answer=a.PagingOut,
        ),
        get_paging,
    ),
    (
        Operation(
            method="PUT",
            path="/alerting/receivers/{id}",
            text="Enter or change a receiver (officers)",
            answer=a.ReceiverKept,
            body=a.ReceiverIn,
        ),
        put_receiver,
    ),
    (
        Operation(
            method="PUT",
            path="/alerting/rotas/{id}",
            text="Enter or change a rota (officers)",
            answer=a.RotaKept,
            body=a.RotaIn,
        ),
        put_rota,
    ),
    (
        Operation(
            method="PUT",
            path="/alerting/policies/{id}",
            text="Enter or change a policy (officers)",
            answer=a.PolicyKept,
            body=a.PolicyIn,
        ),
        put_policy,
    ),
    *(
        (
            Operation(
                method="DELETE",
                path=f"/alerting/{place}/{{id}}",
                text=f"Take a {kind} away (officers)",
                answer=None,
                query=_REVISION,
                status=204,
            ),
            remover(kind),
        )
        for place, kind in (("receivers", RECEIVER), ("rotas", ROTA), ("policies", POLICY))
    ),
    (
        Operation(
            method="GET", path="/alerting/rules", text="The rules of incidents", answer=a.RulesBody
        ),
        get_rules,
    ),
    (
        Operation(
            method="PUT",
            path="/alerting/rules",
            text="Change the rules (officers)",
            answer=a.RulesBody,
            body=a.RulesBody,
        ),
        put_rules,
    ),
    (
        Operation(
            method="POST",
            path="/alerting/rules/preview",
            text="What rules would have sent over the last thirty days (officers)",
            answer=a.PreviewOut,
            body=a.RulesBody,
        ),
        post_preview,
    ),
    (
        Operation(
            method="GET", path="/alerting/silences", text="Pauses of alerts", answer=a.SilencesOut
        ),
        get_silences,
    ),
    (
        Operation(
            method="DELETE",
            path="/alerting/silences/{id}",
            text="End a pause now (officers)",
            answer=None,
            query=_REVISION,
            status=204,
        ),
        delete_silence,
    ),
    (
        Operation(
            method="GET",
            path="/alerting/channels",
            text="Ways out, and how each does",
            answer=a.ChannelsOut,
        ),
        get_channels,
    ),
)
