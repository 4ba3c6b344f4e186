"""Các câu tiếng Việt (the Vietnamese texts)."""

from collections.abc import Mapping
from typing import Final

from edge.doctor.check import Topic
from edge.doctor.sentence import Sentence
from edge.doctor.vi_outside import OUTSIDE

_FIX_FILE: Final = "Mở tệp {file} bằng trình soạn thảo văn bản, sửa chỗ vừa nêu rồi chạy lại."

TITLES: Final[Mapping[Topic, str]] = {
    Topic.CONFIG: "Tệp cài đặt",
    Topic.SECRETS: "Tệp mật khẩu",
    Topic.FOLDER: "Thư mục dữ liệu",
    Topic.DISK: "Ổ đĩa",
    Topic.AGENT: "Phần mềm",
    Topic.CLOCK: "Đồng hồ",
    Topic.ZONE: "Múi giờ",
    Topic.SLEEP: "Chế độ ngủ",
    Topic.MACHINE: "Máy tính",
    Topic.DECODER: "Giải mã hình",
    Topic.NETWORK: "Cổng mạng",
    Topic.BROKER: "Đường về trung tâm",
    Topic.CENTRE: "Trung tâm",
    Topic.GATE: "Đầu đọc cổng",
    Topic.CAMERA: "Camera",
}

TEXTS: Final[Mapping[str, Sentence]] = {
    # -------------------------------------------------------------- tệp cài đặt
    "config.ok": Sentence("Đọc được; phần mềm “{agent}”, {cameras} camera."),
    "config.no_cameras": Sentence(
        "Đọc được, nhưng chưa khai camera nào cho “{agent}”.",
        ("Chạy vonggac-edge discover --yaml để tìm camera rồi chép vào mục cameras.",),
    ),
    "config.unseen": Sentence(
        "{cameras}: có lúc {seconds} giây không được kiểm tra, nên mất kết nối có thể "
        "{told_s} giây sau mới báo, không kịp 90 giây.",
        (
            "Dùng chung đầu ghi: cho phép thêm phiên (hosts, sessions), nếu đầu ghi cấp được.",
            "mode: visit: giảm visit_every_s xuống 30.",
        ),
    ),
    "config.unseen_gate": Sentence(
        "{cameras}: có lúc {seconds} giây không được kiểm tra. Nếu là camera ở cổng, mất kết nối "
        "sẽ báo muộn hơn 45 giây.",
        (
            "Camera cổng: mode: visit với visit_every_s không quá 30, hoặc mode: hold.",
            "Dùng chung đầu ghi: cho phép thêm phiên (hosts, sessions), nếu đầu ghi cấp được.",
        ),
    ),
    "config.no_password": Sentence(
        "Chưa có mật khẩu để về trung tâm.",
        ("Xin mật khẩu của phần mềm tại đơn vị quản lý, ghi vào khóa centre.password.",),
    ),
    "config.problem": Sentence("{key}: {why}", (_FIX_FILE,)),
    "config.unusable": Sentence("{file}: {why}", ("Kiểm tra đường dẫn và quyền đọc tệp này.",)),
    "skipped.config": Sentence("Chưa kiểm tra: cần sửa tệp cài đặt trước."),
    "secrets.ok": Sentence("Người dùng khác không đọc được mật khẩu."),
    "secrets.literal": Sentence(
        "{file} ghi sẵn mật khẩu mà người dùng khác đọc được.",
        (
            "Chuyển mật khẩu sang tệp riêng (secrets_file), trong tệp cài đặt chỉ để ${{TÊN}}.",
            "Hoặc khóa tệp lại: chmod 600 {file}",
        ),
    ),
    "secrets.unchecked": Sentence(
        "Không kiểm tra được quyền trên hệ điều hành này; chỉ tài khoản chạy phần mềm nên đọc "
        "được {file}."
    ),
    # -------------------------------------------------------------- thư mục, ổ đĩa
    "folder.ok": Sentence("Ghi được vào {folder} (mỗi lần ghi chắc chắn mất {sync_ms} ms)."),
    "folder.slow": Sentence(
        "Ghi vào {folder} chậm: {sync_ms} ms mỗi lần, lượt ra vào sẽ được xác nhận chậm.",
        ("Xem ổ đĩa có sắp hỏng không; nên dùng ổ SSD, không dùng thẻ nhớ hay USB.",),
    ),
    "folder.refused": Sentence(
        "Không ghi được vào {folder}: {why}.",
        (
            "Cho tài khoản chạy phần mềm quyền ghi vào thư mục này.",
            "Hoặc đổi khóa data_dir sang thư mục khác.",
        ),
    ),
    "disk.ok": Sentence("Còn trống {free_mb} MB, cần nhiều nhất {needed_mb} MB."),
    "disk.tight": Sentence(
        "Chỉ còn trống {free_mb} MB, có thể cần đến {needed_mb} MB.",
        ("Xóa bớt tệp không dùng trên ổ đĩa này.", "Hoặc giảm spool.max_mb trong tệp cài đặt."),
    ),
    "disk.full": Sentence(
        "Ổ đĩa gần đầy: chỉ còn {free_mb} MB, cần {needed_mb} MB.",
        (
            "Xóa bớt tệp không dùng trên ổ đĩa này ngay.",
            "Nếu không xóa được, đổi data_dir sang ổ đĩa khác.",
        ),
    ),
    # -------------------------------------------------------------- phần mềm
    "agent.running": Sentence("Đang chạy."),
    "agent.sending": Sentence("Đang chạy; còn {waiting} mục chưa gửi."),
    "agent.set_aside": Sentence(
        "Đang chạy; còn {waiting} mục chưa gửi; {count} mục trung tâm không nhận, đã để riêng.",
        (
            "Không cần làm gì với dữ liệu: phần mềm gửi lại mỗi ngày một lần.",
            "Gửi nhật ký của phần mềm cho người hỗ trợ để biết lý do.",
        ),
    ),
    "agent.stopped": Sentence("Không chạy; {waiting} mục đang chờ gửi."),
    "agent.first": Sentence("Chưa chạy lần nào trên thư mục này."),
    "agent.unreadable": Sentence(
        "Tài khoản này không được đọc thư mục dữ liệu, nên không biết phần mềm có đang chạy không.",
        ("Chạy lại lệnh này bằng tài khoản chạy phần mềm.",),
    ),
    "agent.foreign_spool": Sentence(
        "Thư mục dữ liệu này là của phần mềm “{owner}”, không phải “{agent}”.",
        ("Cho mỗi phần mềm một data_dir riêng, hoặc sửa lại khóa agent.",),
    ),
    "agent.broken_spool": Sentence(
        "Không đọc được tệp chờ gửi ({why}); khi khởi động, phần mềm sẽ để riêng và mở tệp mới.",
        ("Kiểm tra ổ đĩa; giữ lại tệp spool.sqlite3.broken-… để gửi cho người hỗ trợ.",),
    ),
    # -------------------------------------------------------------- giờ
    "clock.measured": Sentence("Lệch {offset_s} giây so với trung tâm."),
    "clock.synced": Sentence("Hệ điều hành đang đồng bộ giờ qua mạng."),
    "clock.unknown": Sentence("Chưa so được với giờ của trung tâm trong lần này."),
    "clock.unsynced": Sentence(
        "Giờ máy không được đồng bộ qua mạng.",
        (
            (
                "Bật đồng bộ giờ tự động trong cài đặt ngày giờ (Windows: Set time automatically; "
                "Linux: timedatectl set-ntp true)."
            ),
        ),
    ),
    "clock.off": Sentence(
        "Lệch {offset_s} giây so với trung tâm.",
        ("Bật đồng bộ giờ tự động trong cài đặt ngày giờ.",),
    ),
    "clock.wrong": Sentence(
        "Sai {offset_s} giây so với trung tâm.",
        (
            "Đặt lại ngày giờ, bật đồng bộ giờ tự động.",
            "Nếu tắt máy rồi mở lại mà giờ sai tiếp, thay pin CMOS trên bo mạch.",
        ),
    ),
    "clock.implausible": Sentence(
        "Máy đang ghi {now}: năm này không thể đúng.",
        (
            "Đặt lại ngày giờ, bật đồng bộ giờ tự động.",
            "Thay pin CMOS nếu giờ lại sai sau khi tắt.",
        ),
    ),
    "zone.ok": Sentence("{zone} (Hà Nội)."),
    "zone.other": Sentence(
        "Máy đặt {zone}, không phải UTC+7.",
        (
            (
                "Chọn múi giờ (UTC+07:00) Bangkok, Hà Nội, Jakarta trong cài đặt ngày giờ. Số liệu "
                "gửi về trung tâm vẫn đúng vì tính theo UTC."
            ),
        ),
    ),
    "sleep.off": Sentence("Máy không tự ngủ."),
    "sleep.not_yet": Sentence("Máy chưa ngủ lần nào từ khi khởi động."),
    "sleep.slept": Sentence(
        "Máy đã ngủ {minutes} phút từ khi khởi động; lúc đó không camera nào được giám sát.",
        (
            (
                "Windows: Settings > System > Power, đặt Sleep là Never khi cắm điện; tắt ngủ khi "
                "gập máy."
            ),
            "Linux: systemctl mask sleep.target suspend.target hibernate.target",
        ),
    ),
    "sleep.allowed": Sentence(
        "Máy sẽ tự ngủ sau {minutes} phút không dùng; lúc đó không camera nào được giám sát.",
        ("Đặt Sleep là Never khi cắm điện (Settings > System > Power).",),
    ),
    "sleep.unknown": Sentence("Không xem được; hãy chắc chắn máy không tự ngủ."),
    # -------------------------------------------------------------- máy
    "machine.ok": Sentence("{cores} nhân, đang dùng {busy} %, còn {available_mb} MB bộ nhớ: đủ."),
    "machine.memory": Sentence(
        "Chỉ còn {available_mb} MB bộ nhớ, cần khoảng {needs_mb} MB.",
        ("Tắt bớt chương trình đang mở, hoặc thêm bộ nhớ cho máy.",),
    ),
    "machine.busy": Sentence(
        "Máy đang bận: {busy} % của {cores} nhân.",
        ("Xem chương trình nào chiếm máy (Task Manager, top) và tắt bớt.",),
    ),
    "decoder.ok": Sentence("Giải mã được {codecs} ({ms} ms)."),
    "decoder.failed": Sentence(
        "Không giải mã được {codec}: {why}.",
        (
            "Cài lại phần mềm (thư viện giải mã hình bị thiếu hoặc hỏng).",
            "Nếu vẫn lỗi, gửi dòng này cho người hỗ trợ.",
        ),
    ),
    "network.ok": Sentence("{names}"),
    "network.none": Sentence(
        "Không có cổng mạng nào hoạt động.",
        ("Cắm dây mạng, xem đèn cổng mạng có sáng không.", "Kiểm tra card mạng có bị tắt không."),
    ),
    "network.slow": Sentence(
        "{name} chỉ chạy {mbit} Mbit/s.",
        ("Thay dây mạng (đủ 8 lõi) hoặc cổng khác của bộ chia mạng (switch).",),
    ),
    "network.half": Sentence(
        "{name} chạy một chiều (half duplex), hình sẽ giật.",
        ("Đặt cổng mạng ở chế độ tự động cả hai đầu; thay dây hoặc bộ chia mạng cũ.",),
    ),
    "network.broken": Sentence(
        "{name} nhận {count} gói hỏng.",
        ("Thay dây mạng; xem đầu cắm RJ45 có lỏng, gỉ không.",),
    ),
    "network.unknown": Sentence("Không xem được cổng mạng."),
    **OUTSIDE,
}
