"""What the guards' page says, in both languages."""

from dataclasses import dataclass
from typing import Final, Literal

Language = Literal["vi", "en"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The page's words. ``errors``: by a problem's code, what happened and what to do."""

    title: str
    code: str
    hint: str
    takes: str
    hands: str
    which: str
    cancel: str
    gate: str
    saved: str
    there: str
    since: str
    nobody: str
    offline: str
    other: tuple[Language, str]
    errors: dict[str, tuple[str, str]]


_VI: Final = Words(
    title="Giao ca",
    code="Mã bảo vệ",
    hint="Quẹt thẻ hoặc gõ mã, rồi bấm nút.",
    takes="Vào ca",
    hands="Ra ca",
    which="{code}: vào ca hay ra ca?",
    cancel="Hủy, chưa ghi gì",
    gate="Cổng",
    saved="Đã ghi lúc {time}",
    there="Đang trực, theo máy này",
    since="từ {time}",
    nobody="Chưa ai vào ca tại máy này trong 24 giờ qua.",
    offline="Mất mạng vẫn ghi được: máy lưu lại rồi tự gửi.",
    other=("en", "English"),
    errors={
        "no_code": ("Chưa ghi: chưa có mã.", "Quẹt thẻ hoặc gõ mã của bạn, rồi bấm lại."),
        "bad_code": (
            "Chưa ghi: mã này không đúng.",
            "Mã chỉ có chữ, số, dấu chấm và gạch ngang, như in trên thẻ. Gõ lại mã.",
        ),
        "bad_gate": ("Chưa ghi: chưa chọn cổng.", "Chọn cổng, rồi bấm lại."),
        "spool_full": (
            "Chưa ghi: máy hết chỗ lưu.",
            "Ghi vào sổ trực giấy và báo ngay người phụ trách máy: ổ đĩa đầy.",
        ),
        "spool_failed": (
            "Chưa ghi: máy không lưu được.",
            "Bấm lại lần nữa. Nếu vẫn vậy, ghi vào sổ trực giấy và báo người phụ trách máy.",
        ),
        "refused": ("Chưa ghi: trang này không gửi được.", "Mở lại trang Giao ca, rồi ghi lại."),
    },
)
_EN: Final = Words(
    title="Hand over the shift",
    code="Guard's code",
    hint="Swipe the card or type the code, then press a button.",
    takes="Take over",
    hands="Hand over",
    which="{code}: take over or hand over?",
    cancel="Cancel, nothing was recorded",
    gate="Gate",
    saved="Recorded at {time}",
    there="On shift, by this machine",
    since="since {time}",
    nobody="Nobody took over at this machine in the last 24 hours.",
    offline="It records without a network, too: it keeps everything and sends it later.",
    other=("vi", "Tiếng Việt"),
    errors={
        "no_code": ("Not recorded: no code.", "Swipe or type your code, then press again."),
        "bad_code": (
            "Not recorded: this is no code.",
            "A code has letters, digits, dots and dashes only, as on the card. Type it again.",
        ),
        "bad_gate": ("Not recorded: no gate was chosen.", "Choose a gate, then press again."),
        "spool_full": (
            "Not recorded: the machine has no room.",
            "Write it in the paper log and tell who looks after this machine: its disk is full.",
        ),
        "spool_failed": (
            "Not recorded: the machine could not keep it.",
            "Press again. If it stays so: paper log, and tell who looks after this machine.",
        ),
        "refused": (
            "Not recorded: this page may not send.",
            "Open the page again, then record it once more.",
        ),
    },
)
WORDS: Final[dict[Language, Words]] = {"vi": _VI, "en": _EN}
