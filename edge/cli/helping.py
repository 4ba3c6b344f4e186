"""The commands' help in Vietnamese, by its English.

The English stands where a command is defined; a test holds every text of every command against
this table.
"""

from typing import Final

_FRAME: Final = {
    "The agent at a school gate.": "Phần mềm giám sát tại trường, chạy trên máy tính trực cổng.",
    "show this help message and exit": "hiện hướng dẫn này",
    "show program's version number and exit": "hiện phiên bản",
    "language: vi or en": "ngôn ngữ: vi (tiếng Việt) hoặc en (tiếng Anh)",
    "NAME=value lines": "tệp mật khẩu, mỗi dòng TÊN=giá trị",
    "ask for the password": "hỏi mật khẩu",
    "print one JSON object": "in một đối tượng JSON, cho chương trình khác đọc",
    "print one JSON array": "in một mảng JSON, cho chương trình khác đọc",
}
_RUN: Final = {
    "watch the cameras and take gate events": "giám sát camera và nhận lượt ra vào",
    "log more": "ghi nhật ký chi tiết hơn",
    "read a configuration and say what is wrong": "đọc tệp cài đặt và chỉ ra chỗ sai",
}
_CHECK: Final = {
    "look at one camera once": "kiểm tra một camera, một lần",
    "Look at one camera once. Exit code: 0 up, 1 degraded, 2 down, 64 bad usage.": (
        "Kiểm tra một camera, một lần. Mã kết thúc: 0 đang giám sát, 1 hình ảnh kém, "
        "2 mất kết nối, 64 gõ lệnh sai."
    ),
    "The URL may hold ${NAME}, taken from the secrets file or the environment, so that "
    "no password stands in the list of processes: "
    "vonggac-edge check 'rtsp://viewer:${PW}@192.168.1.11/stream'": (
        "Địa chỉ có thể ghi ${TÊN}, lấy từ tệp mật khẩu hoặc biến môi trường, để mật khẩu không "
        "hiện trong danh sách tiến trình: "
        "vonggac-edge check 'rtsp://viewer:${PW}@192.168.1.11/stream'"
    ),
    "rtsp:// or rtsps:// address": "địa chỉ rtsp:// hoặc rtsps://",
}
_JUDGE: Final = {
    "run the picture judge over a folder of pictures": "chấm chất lượng hình của một thư mục ảnh",
    "Judge the pictures of a folder in natural order of their names (2 before 10) "
    "as one camera's, the first ones taken as healthy. Exit code: 0 all were judged, whatever "
    "was found; 1 some could not be read and were skipped; 64 bad usage.": (
        "Chấm các ảnh của một thư mục theo thứ tự tên (2 trước 10) như của một camera; những ảnh "
        "đầu được coi là bình thường. Mã kết thúc: 0 đã chấm hết, dù kết quả thế nào; 1 có ảnh "
        "không đọc được, đã bỏ qua; 64 gõ lệnh sai."
    ),
    "--json prints one JSON object a line, as the pictures are judged: kind frame "
    "(name, at_s, state, cause, began_s, detail, unchecked) or skipped (name, at_s, why), "
    "and at the end kind summary (pictures, skipped, alarms).": (
        "--json in mỗi dòng một đối tượng JSON, ngay khi chấm: loại frame (name, at_s, state, "
        "cause, began_s, detail, unchecked) hoặc skipped (name, at_s, why), cuối cùng là loại "
        "summary (pictures, skipped, alarms)."
    ),
    "jpg png bmp webp": "thư mục ảnh jpg, png, bmp, webp",
    "seconds between two (10)": "số giây giữa hai ảnh (10)",
    "print one JSON object a line": "in mỗi dòng một đối tượng JSON",
}
_DISCOVER: Final = {
    "find the cameras of the network": "tìm camera trong mạng",
    "Find cameras by WS-Discovery over every interface, and in a subnet if asked. "
    "Exit code: 0 found some, 1 found none, 64 bad usage.": (
        "Tìm camera bằng WS-Discovery trên mọi card mạng, và trong một dải địa chỉ nếu được yêu "
        "cầu. Mã kết thúc: 0 có tìm thấy, 1 không tìm thấy, 64 gõ lệnh sai."
    ),
    "With --user, each camera is sent the password once; one that refuses it is said, and not "
    "asked again. The password is ${CAMERA_PASSWORD} (see --password-name) of the secrets file "
    "or the environment, or is asked for with --prompt.": (
        "Có --user thì mỗi camera được gửi mật khẩu một lần; camera nào từ chối thì báo ra và "
        "không hỏi lại. Mật khẩu là ${CAMERA_PASSWORD} (xem --password-name) trong tệp mật khẩu "
        "hoặc biến môi trường, hoặc được hỏi nếu có --prompt."
    ),
    "only this one, by name or address": "chỉ card mạng này, theo tên hoặc địa chỉ",
    "also look at the ports of a subnet, at most /22": (
        "dò thêm các cổng của một dải địa chỉ, rộng nhất /22"
    ),
    "how long answers are awaited": "chờ trả lời bao nhiêu giây",
    "log in to each camera, once, to learn its streams": (
        "đăng nhập từng camera một lần để biết các luồng hình"
    ),
    "the secret's name": "tên của mật khẩu trong tệp mật khẩu",
    "compare with an agent's configuration": "so với một tệp cài đặt",
    "write an agent's configuration": "viết ra một tệp cài đặt",
}
_DOCTOR: Final = {
    "a first visit's checklist: configuration, clock, disk, centre, cameras": (
        "kiểm tra toàn bộ khi lắp đặt: tệp cài đặt, đồng hồ, ổ đĩa, trung tâm, camera"
    ),
    "Look at everything that this agent needs, and say what to do. Exit code: "
    "0 all is well, 1 warnings, 2 something does not work, 64 bad usage.": (
        "Kiểm tra mọi thứ mà phần mềm cần và nói việc cần làm. Mã kết thúc: 0 mọi thứ tốt, "
        "1 có điều cần chú ý, 2 có lỗi cần sửa, 64 gõ lệnh sai."
    ),
    "It changes nothing. Each camera is asked once, one per host at a time; a password "
    "that a host refuses is not tried again for its other channels. While no agent runs, one "
    "empty report is sent, so the centre counts the agent as heard.": (
        "Lệnh này không thay đổi gì. Mỗi camera được hỏi một lần, mỗi lúc một camera của một "
        "thiết bị; mật khẩu bị thiết bị từ chối thì không thử tiếp cho các kênh khác. Khi phần "
        "mềm chưa chạy, một bản tin rỗng được gửi về, nên trung tâm coi như đã nhận tín hiệu."
    ),
    "leave the cameras alone": "không hỏi đến camera",
    "show cameras passwords that they have refused lately (three times a minute at most)": (
        "vẫn thử mật khẩu mà camera vừa từ chối (nhiều nhất ba lần mỗi phút)"
    ),
    "marks that every console can show": "dùng ký hiệu mà màn hình lệnh nào cũng hiện được",
    "how long it may take (5 to 600)": "được chạy bao nhiêu giây (5 đến 600)",
}
_PICTURES: Final = {
    "list or copy the pictures from before and after each change": (
        "liệt kê hoặc chép ảnh trước và sau mỗi thay đổi"
    ),
    "List what the agent keeps of changes of a camera's picture, the newest first; "
    "it may run meanwhile. Times are this machine's local time. Exit code: 0 done, "
    "64 bad usage.": (
        "Liệt kê ảnh còn lưu của mỗi lần hình camera thay đổi, mới nhất trước; phần mềm vẫn chạy "
        "được trong lúc đó. Giờ là giờ của máy này. Mã kết thúc: 0 xong, 64 gõ lệnh sai."
    ),
    "only this camera's": "chỉ của camera này",
    "copy the JPEGs to a folder": "chép ảnh JPEG vào một thư mục",
    "say that what a camera shows now is how it is meant to be": (
        "xác nhận hình camera hiện nay là đúng hướng"
    ),
    "Tell the running agent that a camera was moved on purpose: what it shows now "
    "is how it is meant to be, and is learned anew. Exit code: 0 done, 1 the agent does not "
    "run or could not do it, 64 bad usage.": (
        "Báo cho phần mềm đang chạy rằng camera được chỉnh hướng có chủ ý: hình hiện nay là đúng "
        "và được học lại. Mã kết thúc: 0 xong, 1 phần mềm chưa chạy hoặc không làm được, "
        "64 gõ lệnh sai."
    ),
    "the camera's id in the configuration": "mã camera trong tệp cài đặt",
}
IN_VIETNAMESE: Final = {**_FRAME, **_RUN, **_CHECK, **_JUDGE, **_DISCOVER, **_DOCTOR, **_PICTURES}
