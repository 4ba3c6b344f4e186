"""What the demo says to people, Vietnamese first. Pure."""

from collections.abc import Mapping
from typing import Final

from sim.faults import Fault

Text = Mapping[str, str]

PREPARING: Final[Text] = {
    "vi": "Vẽ và mã hóa hình camera (chỉ lần đầu): {done}/{total}",
    "en": "Drawing and encoding camera pictures (first time only): {done}/{total}",
}
PAST: Final[Text] = {
    "vi": "{days} ngày trước là dữ liệu giả lập; từ giờ phần mềm thật giám sát camera giả lập.",
    "en": "The past {days} days are made up; from now on simulated cameras are watched for real.",
}
STARTING: Final[Text] = {
    "vi": "Khởi động máy chủ và {agents} máy tính trực cổng, {cameras} camera …",
    "en": "Starting the server and {agents} gate PCs, {cameras} cameras …",
}
READY: Final[Text] = {
    "vi": """
  ┌───────────────────────────────────────────────────────────────
  │  VỌNG GÁC đang chạy thử
  │
  │  Mở trang:    {url}
  │  Tên:         {user}
  │  Mật khẩu:    {password}
  │
  │  Dữ liệu:     {folder}
  │  Dừng lại:    Ctrl-C
  └───────────────────────────────────────────────────────────────
""",
    "en": """
  ┌───────────────────────────────────────────────────────────────
  │  VỌNG GÁC, a trial run
  │
  │  Open:        {url}
  │  User:        {user}
  │  Password:    {password}
  │
  │  Data:        {folder}
  │  Stop with:   Ctrl-C
  └───────────────────────────────────────────────────────────────
""",
}
NOT_ALL_UP: Final[Text] = {
    "vi": "Chưa thấy hình của: {cameras}. Câu chuyện vẫn bắt đầu.",
    "en": "No picture yet from: {cameras}. The story begins all the same.",
}
ENDING: Final[Text] = {"vi": "Đang dừng …", "en": "Ending …"}
SETTLING: Final[Text] = {
    "vi": "Hết giờ; chờ dữ liệu cuối về trung tâm …",
    "en": "Time is up; waiting for the last data to arrive …",
}
SUMMARY_FAULT: Final[Text] = {
    "vi": "{mark} {camera}: {cause}, kết luận {concluded}, báo sau {seconds} giây",
    "en": "{mark} {camera}: {cause}, concluded {concluded}, shown after {seconds} s",
}
SUMMARY_EVENTS: Final[Text] = {
    "vi": "{mark} lượt ra vào: {acknowledged} đã nhận, {stored} đã lưu, {duplicates} trùng",
    "en": "{mark} gate events: {acknowledged} acknowledged, {stored} stored, {duplicates} doubled",
}
SUMMARY_SECONDS: Final[Text] = {
    "vi": "  chênh lệch lớn nhất giữa sự thật và kết luận: {seconds} giây ({camera}, {state})",
    "en": "  largest difference between truth and conclusion: {seconds} s ({camera}, {state})",
}
KEPT: Final[Text] = {"vi": "Dữ liệu được giữ ở {folder}", "en": "The data is kept in {folder}"}
REPAIRED: Final[Text] = {"vi": "đã sửa xong", "en": "repaired"}
SHOWN: Final[Text] = {
    "vi": "trang đã báo sau {seconds:.1f} giây: {state} {cause}",
    "en": "shown after {seconds:.1f} s: {state} {cause}",
}
AGENT_KILLED: Final[Text] = {
    "vi": "{agent}: máy tính trực cổng bị tắt đột ngột (kill -9)",
    "en": "{agent}: the gate PC's agent is killed (kill -9)",
}
UNKNOWN_SHOWN: Final[Text] = {
    "vi": "{agent}: trang báo “chưa rõ” sau {seconds:.0f} giây, không báo hỏng",
    "en": "{agent}: shown as unknown after {seconds:.0f} s, not as broken",
}
AGENT_BACK: Final[Text] = {
    "vi": "{agent}: máy tính trực cổng chạy lại",
    "en": "{agent}: the agent runs again",
}
AGENT_CUT: Final[Text] = {
    "vi": "{agent}: mất mạng về trung tâm, vẫn tiếp tục giám sát",
    "en": "{agent}: cut off from the centre, it goes on watching",
}
AGENT_MENDED: Final[Text] = {
    "vi": "{agent}: có mạng lại, gửi bù những gì đã thấy",
    "en": "{agent}: the line is back, it sends what it saw",
}
SERVER_KILLED: Final[Text] = {
    "vi": "Máy chủ (và MQTT trong đó) bị tắt đột ngột (kill -9)",
    "en": "The server, with its MQTT broker, is killed (kill -9)",
}
SERVER_BACK: Final[Text] = {"vi": "Máy chủ chạy lại", "en": "The server runs again"}
FAULTS: Final[Mapping[Fault, Text]] = {
    Fault.REFUSE: {"vi": "rút dây camera", "en": "unplugged"},
    Fault.HANG: {"vi": "camera treo, không trả lời", "en": "hangs, answers nothing"},
    Fault.AUTH: {"vi": "mật khẩu camera bị đổi", "en": "password changed"},
    Fault.LOCKOUT: {"vi": "tài khoản camera bị tạm khóa", "en": "login locked"},
    Fault.NOT_FOUND: {"vi": "sai đường dẫn luồng hình", "en": "the path is gone"},
    Fault.BUSY: {"vi": "camera hết lượt kết nối", "en": "too many viewers"},
    Fault.STALL: {"vi": "luồng hình đứng, không có gói tin", "en": "the stream stalls"},
    Fault.NO_KEY_FRAMES: {"vi": "luồng không có khung hình chính", "en": "no key frames"},
    Fault.GARBAGE: {"vi": "luồng hình hỏng, không giải mã được", "en": "garbage in the stream"},
    Fault.LOSS: {"vi": "mạng mất gói", "en": "packets get lost"},
    Fault.SLOW: {"vi": "luồng hình quá chậm", "en": "the stream is slow"},
    Fault.DROP: {"vi": "camera tự ngắt liên tục", "en": "hangs up again and again"},
    Fault.BLACK: {"vi": "hình tối đen", "en": "black picture"},
    Fault.FROZEN: {"vi": "hình đứng yên (đồng hồ vẫn chạy)", "en": "frozen, the clock ticks on"},
    Fault.BLURRED: {"vi": "hình mờ", "en": "blurred"},
    Fault.COVERED: {"vi": "ống kính bị che", "en": "lens covered"},
    Fault.MOVED: {"vi": "camera bị xoay", "en": "turned away"},
    Fault.NOISE: {"vi": "hình nhiễu", "en": "noise"},
    Fault.NO_SIGNAL: {"vi": "đầu ghi báo mất tín hiệu", "en": "no signal card"},
}
PORT_TAKEN: Final[Text] = {
    "vi": "Cổng {port} đang có chương trình khác dùng. Chọn cổng khác: vonggac-demo --port {other}",
    "en": "Port {port} is in use. Choose another: vonggac-demo --port {other}",
}
PORT_MUST: Final[Text] = {
    "vi": "--port phải từ 1 đến 65535, không phải {port}",
    "en": "--port must be from 1 to 65535, not {port}",
}
SERVER_FAILED: Final[Text] = {
    "vi": "Máy chủ không chạy được:\n{}",
    "en": "The server didn't start:\n{}",
}
AGENT_FAILED: Final[Text] = {
    "vi": "Phần mềm ở {} không chạy được:\n{}",
    "en": "The agent {} didn't start:\n{}",
}
NO_LOGIN: Final[Text] = {
    "vi": "Máy chủ không báo mật khẩu đăng nhập lần đầu:\n{}",
    "en": "The server didn't say the first login's password:\n{}",
}
FOLDER_USED: Final[Text] = {
    "vi": "Thư mục {folder} không trống; hãy chọn thư mục khác cho --keep",
    "en": "The folder {folder} is not empty; choose another one for --keep",
}
FOLDER_BAD: Final[Text] = {
    "vi": "Không ghi được vào thư mục {folder}: {why}",
    "en": "Can't write into the folder {folder}: {why}",
}
