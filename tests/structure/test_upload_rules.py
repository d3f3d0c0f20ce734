"""The page about the rules of uploading says what the rules say."""

import runpy
from pathlib import Path

from warehouse.operations.upload.rules import ADMISSION, CONTENTS

ROOT = Path(__file__).parents[2]


def test_the_page_is_current():
    page = runpy.run_path(str(ROOT / "docs/generate_upload_rules.py"))["markdown"]()
    written = (ROOT / "docs/upload-rules.md").read_text()
    assert written == page, "run: python docs/generate_upload_rules.py > docs/upload-rules.md"


def test_every_rule_says_what_it_is_for():
    assert [rule.__name__ for _, rule in (*ADMISSION, *CONTENTS) if not rule.__doc__] == []
