"""``python -m tests.pure.reports.samples``: write the sample papers of ``docs/samples``."""

from pathlib import Path

from server.reports.forms import FORMS
from server.reports.kinds import KINDS
from tests.pure.reports import made

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "samples"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    school = KINDS["so-ket-truong"].write(made.school_facts())
    office = KINDS["so-ket-don-vi"].write(made.office_facts())
    (FOLDER / "so-ket-truong.pdf").write_bytes(FORMS["pdf"].write(school))
    (FOLDER / "so-ket-don-vi.docx").write_bytes(FORMS["docx"].write(office))


if __name__ == "__main__":
    main()
