"""Các câu tiếng Việt về thế giới bên ngoài (Vietnamese: centre, gate readers, cameras)."""

from collections.abc import Mapping
from typing import Final

from edge.doctor.sentence import Sentence

OUTSIDE: Final[Mapping[str, Sentence]] = {
    # -------------------------------------------------------------- đường về trung tâm
    "broker.reached": Sentence("Kết nối được đến {where} ({ms} ms)."),
    "broker.no_name": Sentence(
        "Không tìm ra địa chỉ của {host} ({why}).",
        (
            "Xem máy có vào Internet hay mạng của ngành được không.",
            "Xem tên máy trong khóa centre.url có đúng chính tả không.",
            "Kiểm tra máy chủ DNS trong cài đặt mạng.",
        ),
    ),
    "broker.timeout": Sentence(
        "{where} không trả lời.",
        (
            "Xem máy có vào mạng được không.",
            "Hỏi người quản lý mạng xem tường lửa của trường có cho ra cổng này không.",
            "Hỏi đơn vị quản lý xem trung tâm có đang hoạt động không.",
        ),
    ),
    "broker.refused": Sentence(
        "{where} có máy trả lời nhưng từ chối kết nối.",
        (
            "Xem số cổng trong khóa centre.url (thường 8883).",
            "Hỏi đơn vị quản lý xem trung tâm có đang hoạt động không.",
        ),
    ),
    "broker.unreachable": Sentence(
        "Không có đường mạng đến {where} ({why}).",
        ("Cắm lại dây mạng, khởi động lại modem.", "Xem địa chỉ IP và cổng ra của máy."),
    ),
    "tls.ok": Sentence("Chứng thư số hợp lệ, còn {days} ngày (đến {ends})."),
    "tls.trusted": Sentence("Chứng thư số hợp lệ."),
    "tls.not_needed": Sentence("Trong cùng máy, không cần mã hóa."),
    "tls.plain": Sentence(
        "Không mã hóa: mật khẩu và dữ liệu đi qua mạng ai cũng đọc được.",
        ("Xin địa chỉ mqtts:// và tệp chứng thư (ca_file) tại đơn vị quản lý.",),
    ),
    "tls.ends_soon": Sentence(
        "Chứng thư số còn {days} ngày (đến {ends}).",
        ("Báo đơn vị quản lý gia hạn chứng thư của trung tâm trước ngày đó.",),
    ),
    "tls.expired": Sentence(
        "Chứng thư số của {host} đã hết hạn.",
        (
            "Xem ngày giờ của máy này có đúng không.",
            "Nếu đúng, báo đơn vị quản lý gia hạn chứng thư của trung tâm.",
        ),
    ),
    "tls.not_yet": Sentence(
        "Chứng thư số của {host} chưa đến ngày có hiệu lực.",
        ("Đồng hồ máy này có thể chạy chậm: đặt lại ngày giờ.",),
    ),
    "tls.wrong_name": Sentence(
        "Chứng thư số không phải của {host} ({why}).",
        (
            "Dùng đúng tên máy mà đơn vị quản lý đã cấp trong khóa centre.url.",
            "Nếu tên đúng, ngừng lại và báo đơn vị quản lý: có thể có máy khác giả danh.",
        ),
    ),
    "tls.untrusted": Sentence(
        "Không tin được chứng thư số của {host} ({why}).",
        (
            "Xin tệp chứng thư gốc tại đơn vị quản lý, ghi vào khóa centre.ca_file.",
            "Nếu đã có tệp đó, xem phần mềm diệt vi-rút hay tường lửa có chặn giữa đường không.",
        ),
    ),
    "tls.none": Sentence(
        "{host} không nói TLS ở cổng này ({why}).",
        ("Xem số cổng trong khóa centre.url (mqtts thường 8883).",),
    ),
    "login.ok": Sentence("Đăng nhập được với tên “{agent}”."),
    "login.refused": Sentence(
        "Trung tâm từ chối tên “{agent}” hoặc mật khẩu.",
        (
            "Xem khóa agent có đúng tên đã đăng ký không.",
            "Xin cấp lại mật khẩu tại đơn vị quản lý, ghi vào tệp mật khẩu.",
        ),
    ),
    "login.silent": Sentence(
        "Cổng này nhận kết nối nhưng không nói MQTT.",
        ("Xem lại mqtt:// hay mqtts:// và số cổng trong khóa centre.url.",),
    ),
    "login.closed": Sentence(
        "Trung tâm đóng kết nối khi đăng nhập ({why}).",
        (
            "Xem lại mqtt:// hay mqtts:// và số cổng trong khóa centre.url.",
            "Nếu đúng, gửi dòng này cho đơn vị quản lý.",
        ),
    ),
    "rights.listen": Sentence(
        "Không được nghe thư trả lời ({where}).",
        ("Báo đơn vị quản lý: quyền (ACL) của “{agent}” trên trung tâm còn thiếu.",),
    ),
    "rights.speak": Sentence(
        "Không được gửi báo cáo ({where}).",
        ("Báo đơn vị quản lý: quyền (ACL) của “{agent}” trên trung tâm còn thiếu.",),
    ),
    "centre.ok": Sentence("Đã xác nhận một báo cáo thử sau {ms} ms."),
    "centre.heard": Sentence("Đang xác nhận báo cáo của phần mềm."),
    "centre.not_heard": Sentence(
        "Phần mềm đang chạy; trong lúc kiểm tra chưa thấy thư xác nhận nào đi qua."
    ),
    "centre.silent": Sentence(
        "Gửi được, nhưng máy chủ trung tâm không xác nhận.",
        ("Dữ liệu vẫn được giữ tại máy. Hỏi đơn vị quản lý xem máy chủ có đang chạy không.",),
    ),
    # -------------------------------------------------------------- đầu đọc cổng
    "gate.none": Sentence("Không khai gate_input: không nhận lượt ra vào."),
    "gate.free": Sentence("{where} còn trống, dùng được."),
    "gate.ours": Sentence("Phần mềm đang nhận lượt ra vào ở {where}."),
    "gate.not_listening": Sentence(
        "Phần mềm đang chạy nhưng không nhận ở {where}.",
        ("Tệp cài đặt đã đổi sau khi khởi động? Khởi động lại phần mềm.",),
    ),
    "gate.other_token": Sentence(
        "Ở {where} có một phần mềm khác của Vọng Gác, mã (token) không trùng.",
        (
            "Nếu vừa đổi mã, khởi động lại phần mềm.",
            "Nếu có hai phần mềm trên máy, cho mỗi bên một cổng riêng (gate_input.listen).",
        ),
    ),
    "gate.taken": Sentence(
        "Chương trình khác đang dùng {where}.",
        (
            "Tắt chương trình đó, hoặc đổi cổng trong khóa gate_input.listen.",
            "Đổi luôn địa chỉ ấy ở đầu đọc và trang của bảo vệ.",
        ),
    ),
    "gate.forbidden": Sentence(
        "Hệ điều hành không cho nhận ở {where}.",
        ("Chọn số cổng lớn hơn 1024 trong khóa gate_input.listen.",),
    ),
    # -------------------------------------------------------------- camera
    "camera.up": Sentence("{name}: có hình {size}, {codec}, {fps} hình/giây, {kbit_s} kbit/s."),
    "camera.trouble": Sentence("{name}: {summary}{detail}"),
    "camera.busy_with_us": Sentence(
        "{name}: {summary}{detail}",
        ("Phần mềm đang chạy cũng giữ một phiên: xem trạng thái camera này trên trang trung tâm.",),
    ),
    "camera.same_password": Sentence(
        "{name}: không thử, vì {host} vừa từ chối mật khẩu này của “{user}” ở kênh khác."
    ),
    "camera.guarded": Sentence(
        "{name}: không thử, vì mật khẩu này vừa bị camera từ chối; thử nữa camera sẽ khóa.",
        ("Nếu mật khẩu trên camera vừa được sửa cho khớp, chạy lại với --again.",),
    ),
    "camera.same_host": Sentence("{name}: cùng máy {host} đã không trả lời. {summary}"),
    "camera.no_time": Sentence(
        "{name}: chưa kịp kiểm tra.",
        ("Chạy lại với --seconds lớn hơn.",),
    ),
    "camera.not_asked": Sentence("Không kiểm tra (theo --no-cameras)."),
}
