"""Lời khuyên bằng tiếng Việt (the Vietnamese texts)."""

from typing import Final

from edge.advice.words import Advice
from wire.vocabulary import Cause

_HAS_PICTURE: Final = "Không cần mang dây mạng hay mật khẩu: camera vẫn kết nối, hình vẫn gửi đều."
_NO_LADDER: Final = "Không cần trèo thang hay lau ống kính."

TEXTS: Final[dict[Cause | None, Advice]] = {
    None: Advice("Camera đang giám sát bình thường."),
    Cause.NETWORK_UNREACHABLE: Advice(
        "Không có đường mạng đến camera.",
        (
            "Mang dây mạng dự phòng và máy tính xách tay.",
            "Xem camera và bộ chia mạng (switch) có điện không, đèn cổng mạng có sáng không.",
            "Nếu đèn sáng, kiểm tra địa chỉ IP của camera có còn đúng như đã khai không.",
        ),
        "Không cần mật khẩu: chưa đến bước đăng nhập.",
    ),
    Cause.NETWORK_REFUSED: Advice(
        "Địa chỉ này có máy trả lời nhưng cổng RTSP bị từ chối.",
        (
            "Chờ hai phút nếu camera vừa khởi động lại.",
            "Mở trang cài đặt của camera, xem RTSP đã bật và số cổng có đúng không (thường 554).",
            "Nếu không mở được trang đó, tắt nguồn camera 10 giây rồi bật lại.",
        ),
        "Không cần thay dây mạng: đường mạng vẫn thông.",
    ),
    Cause.NETWORK_TIMEOUT: Advice(
        "Camera không trả lời trong thời gian chờ.",
        (
            "Mang dây mạng dự phòng; xem nguồn điện và đèn cổng mạng của camera.",
            "Tắt nguồn camera 10 giây rồi bật lại, chờ hai phút.",
            "Nếu vẫn không trả lời, kiểm tra dây và cổng của bộ chia mạng (switch).",
        ),
        "Không cần mật khẩu mới: chưa đến bước đăng nhập.",
    ),
    Cause.RTSP_AUTH: Advice(
        "Camera từ chối tên đăng nhập hoặc mật khẩu.",
        (
            "Hỏi người quản lý camera tên và mật khẩu hiện tại của tài khoản xem hình.",
            "Sửa mật khẩu trong tệp cài đặt của máy tính trực cổng.",
            "Nếu mật khẩu đúng: tài khoản có thể bị tạm khóa (chờ 30 phút) hoặc đã hết phiên.",
        ),
        f"Không cần dây mạng: camera vẫn trả lời. {_NO_LADDER}",
    ),
    Cause.RTSP_NOT_FOUND: Advice(
        "Camera trả lời nhưng không có luồng hình ở đường dẫn này.",
        (
            "Xem đường dẫn RTSP đúng của loại camera này trong sách hướng dẫn hoặc trang cài đặt.",
            "Nếu là đầu ghi hình, xem số kênh có đúng và kênh đó có camera không.",
            "Sửa đường dẫn trong tệp cài đặt của máy tính trực cổng.",
        ),
        f"Không cần dây mạng hay mật khẩu mới. {_NO_LADDER}",
    ),
    Cause.RTSP_BUSY: Advice(
        "Camera đã hết số người xem cho phép.",
        (
            "Tắt bớt phần mềm, điện thoại hay màn hình đang xem camera này.",
            "Cho máy tính trực cổng xem luồng phụ (sub-stream) thay cho luồng chính.",
            "Nếu phiên đã dùng hết mà không ai xem, khởi động lại camera để xóa các phiên bị treo.",
        ),
        f"Không cần dây mạng hay mật khẩu mới. {_NO_LADDER}",
    ),
    Cause.RTSP_PROTOCOL: Advice(
        "Máy ở địa chỉ này không nói đúng giao thức RTSP, hoặc không có luồng hình xem được.",
        (
            "Kiểm tra địa chỉ IP, số cổng, rtsp:// hay rtsps:// (TLS): có thể đó là thiết bị khác.",
            "Nếu chi tiết ghi kiểu mã hóa khác (như JPEG), chọn H.264 hoặc H.265 trong cài đặt.",
            "Nếu đúng cả, khởi động lại camera; vẫn lỗi thì ghi lại chi tiết và hỏi hãng.",
        ),
        "Không cần thay dây mạng: đường mạng vẫn thông.",
    ),
    Cause.STREAM_STALLED: Advice(
        "Camera còn kết nối nhưng đã ngừng gửi hình.",
        (
            "Khởi động lại camera từ trang cài đặt, hoặc tắt nguồn 10 giây rồi bật lại.",
            "Nếu hay lặp lại, kiểm tra bộ nguồn có đủ điện không và camera có quá nóng không.",
            "Ghi lại giờ xảy ra và hỏi hãng về bản cập nhật phần mềm.",
        ),
        "Không cần mật khẩu mới. Không cần lau ống kính.",
    ),
    Cause.STREAM_NO_KEYFRAME: Advice(
        "Camera gửi dữ liệu nhưng không có khung hình chính nào.",
        (
            "Mở trang cài đặt mã hóa hình của camera.",
            "Đặt khoảng cách khung chính (I-frame, GOP) là 2 giây, tắt chế độ H.264+ hay H.265+.",
            "Lưu lại rồi khởi động lại camera.",
        ),
        f"Không cần dây mạng hay mật khẩu mới. {_NO_LADDER}",
    ),
    Cause.STREAM_UNDECODABLE: Advice(
        "Nhận được dữ liệu nhưng không giải mã được thành hình.",
        (
            "Mở trang cài đặt mã hóa hình, chọn H.264 hoặc H.265 thường.",
            "Khởi động lại camera.",
            "Nếu vẫn lỗi, ghi lại chi tiết bên dưới; có thể phần cứng camera đã hỏng.",
        ),
        f"Không cần dây mạng hay mật khẩu mới. {_NO_LADDER}",
    ),
    Cause.STREAM_LOSSY: Advice(
        "Nhiều gói dữ liệu bị mất trên đường truyền.",
        (
            "Mang dây mạng tốt; xem đầu cắm RJ45 và dây có bị dập, ướt hay dài quá 100 m không.",
            "Nếu dùng Wi-Fi, đổi sang dây mạng hoặc đưa bộ phát lại gần.",
            "Giảm tốc độ bit hoặc cho máy xem luồng phụ (sub-stream).",
        ),
        "Không cần mật khẩu mới. Không cần lau ống kính.",
    ),
    Cause.STREAM_SLOW: Advice(
        "Hình đến quá thưa so với mức camera đã cài.",
        (
            "Xem cài đặt số khung hình mỗi giây của camera.",
            "Tắt bớt phần mềm đang xem camera này.",
            "Kiểm tra đường mạng: dây hỏng hay Wi-Fi yếu làm hình đến chậm.",
        ),
        "Không cần mật khẩu mới. Không cần lau ống kính.",
    ),
    Cause.PICTURE_BLACK: Advice(
        "Hình quá tối, gần như đen.",
        (
            "Xem ống kính có bị bịt, còn nắp che hay bị phun sơn không. Mang khăn mềm và thang.",
            "Ban đêm: xem đèn hồng ngoại có sáng không và cổng có đèn chiếu không.",
            "Nếu ống kính sạch mà hình vẫn đen, khởi động lại camera; có thể cảm biến đã hỏng.",
        ),
        _HAS_PICTURE,
    ),
    Cause.PICTURE_OVEREXPOSED: Advice(
        "Hình quá sáng, gần như trắng.",
        (
            "Xem có đèn hay mặt trời chiếu thẳng vào ống kính không; xoay hoặc che bớt.",
            "Ban đêm: xem đèn hồng ngoại có dội lại từ mái, tường hay mạng nhện không.",
            "Bật chế độ chống ngược sáng (WDR) trong trang cài đặt.",
        ),
        _HAS_PICTURE,
    ),
    Cause.PICTURE_FROZEN: Advice(
        "Hình bị đứng: camera gửi mãi một hình cũ.",
        (
            "Khởi động lại camera từ trang cài đặt, hoặc tắt nguồn 10 giây rồi bật lại.",
            "Nếu qua đầu ghi hình, khởi động lại cả đầu ghi.",
            "Nếu có người cố ý phát hình cũ, ghi một vụ việc trên trang bảo vệ.",
        ),
        "Không cần mang dây mạng hay mật khẩu: camera vẫn kết nối.",
    ),
    Cause.PICTURE_BLURRED: Advice(
        "Hình bị mờ.",
        (
            "Mang khăn mềm và thang; lau ống kính, xem có hơi nước hay mạng nhện không.",
            "Chỉnh lại nét trong trang cài đặt hoặc trên ống kính.",
            "Nếu có nước bên trong vỏ, thay gioăng hoặc thay camera.",
        ),
        _HAS_PICTURE,
    ),
    Cause.PICTURE_COVERED: Advice(
        "Ống kính bị che khuất.",
        (
            "Mang khăn mềm và thang. Xem có túi, băng dính, cành cây trước ống kính không.",
            "Gỡ vật che rồi lau ống kính.",
            "Nếu vật che là cố ý, ghi thêm một vụ việc trên trang bảo vệ.",
        ),
        _HAS_PICTURE,
    ),
    Cause.PICTURE_MOVED: Advice(
        "Camera bị xoay lệch hướng.",
        (
            "Mang thang và tua vít; xoay camera về góc nhìn cũ theo ảnh mẫu.",
            "Siết chặt chân đế.",
            "Nếu đây là góc nhìn mới có chủ ý, bấm “Đây là góc nhìn mới”.",
        ),
        _HAS_PICTURE,
    ),
    Cause.PICTURE_NOISE: Advice(
        "Hình bị nhiễu nặng.",
        (
            "Ban đêm: xem đèn hồng ngoại và đèn cổng có sáng không.",
            "Camera tín hiệu tương tự: xem dây đồng trục và đầu BNC.",
            "Kiểm tra bộ nguồn của camera.",
        ),
        "Không cần mật khẩu mới.",
    ),
    Cause.PICTURE_NO_SIGNAL: Advice(
        "Đầu ghi hình báo mất tín hiệu hình ở kênh này.",
        (
            "Xem camera nối vào kênh này có điện không.",
            "Kiểm tra dây từ camera đến đầu ghi hình, mang dây dự phòng.",
            "Cắm camera sang kênh khác để biết hỏng camera hay hỏng kênh.",
        ),
        "Không cần mật khẩu mới: đầu ghi hình vẫn trả lời.",
    ),
    Cause.CLOCK_DRIFT: Advice(
        "Giờ trên camera bị sai.",
        (
            "Mở trang cài đặt giờ, chọn múi giờ UTC+7 (Hà Nội).",
            "Bật đồng bộ giờ (NTP) với máy chủ giờ của trường.",
        ),
        f"Không cần dây mạng. {_NO_LADDER}",
    ),
    Cause.RECORDING_MISSING: Advice(
        "Đầu ghi hình không có hình lưu của camera này.",
        (
            "Mở đầu ghi hình, xem lịch ghi của kênh đã bật chưa.",
            "Xem ổ cứng có báo lỗi hay đầy không; mang ổ cứng dự phòng.",
        ),
        f"Camera không hỏng. {_NO_LADDER}",
    ),
    Cause.RECORDING_SHORT: Advice(
        "Hình lưu ngắn hơn thời gian lưu trữ mà kế hoạch cần.",
        (
            "Xem dung lượng ổ cứng và số ngày lưu trong đầu ghi hình.",
            "Giảm tốc độ bit hoặc thêm ổ cứng.",
        ),
        f"Camera không hỏng. {_NO_LADDER}",
    ),
}
