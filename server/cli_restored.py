"""``vonggac-server restored``: what a database needs that was put back out of a backup."""

import argparse
from pathlib import Path

from server.cli_desk import Commands, Run
from server.config import Configuration
from server.standing import Standing
from server.storage import Store


def add_command(commands: Commands, run: Run) -> None:
    """Add the command; ``run`` opens the store."""
    parser = commands.add_parser(
        "restored",
        help="sau khi khôi phục CSDL từ bản sao lưu / after a backup was put back",
    )
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")

    async def act(store: Store, _standing: Standing) -> None:
        count = await store.end_open_segments()
        print(
            f"OK: {count} trạng thái kết thúc ở lần xác nhận cuối / states end where they were last"
            " known to hold.\n"
            "Bây giờ hãy chạy trung tâm, rồi khởi động lại các máy trạm."
            " / Now start the servers, then restart the agents."
        )

    def do(configuration: Configuration, _options: argparse.Namespace) -> int:
        run(configuration, act)
        return 0

    parser.set_defaults(act=do)
