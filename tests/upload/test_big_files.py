"""Big files pass through in flat memory, and are hashed as they come."""

import hashlib
import random
import subprocess
import sys

import pytest

from tests.upload.attempts import token_of
from warehouse.infra.spool import THREADS_FROM, Spool

# An upload of this many megabytes through the door, in a process of its own: prints the status and by how many
# megabytes its memory grew at most.
SEND = """
import hashlib, io, os, resource, sys, zipfile
from warehouse.api.upload import UploadReceiver
from warehouse.settings import load_settings
from warehouse.standards.http import Ask
from warehouse.toolbox import open_tools

data, url, token, megabytes = sys.argv[1:4] + [int(sys.argv[4])]
tools = open_tools(load_settings({"WAREHOUSE_DATA": data, "WAREHOUSE_UPLOAD__MAX_FILE_SIZE": "1 GiB"}), url)
block = os.urandom(1024 * 1024)
name = "demo-1.0-py3-none-any.whl"
path = os.path.join(data, name)
record, members = [], {
    "demo-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\\nName: demo\\nVersion: 1.0\\n",
    "demo-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\\nTag: py3-none-any\\n",
    "demo-1.0.dist-info/RECORD": b"big,,\\ndemo-1.0.dist-info/METADATA,,\\ndemo-1.0.dist-info/WHEEL,,\\n"
    b"demo-1.0.dist-info/RECORD,,\\n",
}
with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
    big = zipfile.ZipInfo("big")
    big.file_size = megabytes * len(block)
    with archive.open(big, "w") as member:
        for _ in range(megabytes):
            member.write(block)
    for member_name, content in members.items():
        archive.writestr(zipfile.ZipInfo(member_name), content)
digest = hashlib.sha256()
with open(path, "rb") as file:
    while piece := file.read(1024 * 1024):
        digest.update(piece)
fields = {":action": "file_upload", "metadata_version": "2.1", "name": "demo", "version": "1.0",
          "filetype": "bdist_wheel", "pyversion": "py3", "sha256_digest": digest.hexdigest()}
parts = [f'--b\\r\\nContent-Disposition: form-data; name="{k}"\\r\\n\\r\\n{v}\\r\\n' for k, v in fields.items()]
parts.append(f'--b\\r\\nContent-Disposition: form-data; name="content"; filename="{name}"\\r\\n'
             "Content-Type: application/octet-stream\\r\\n\\r\\n")
headers = {"content-type": "multipart/form-data; boundary=b", "authorization": f"Bearer {token}"}
receiver = UploadReceiver(tools, Ask("POST", "/legacy/", "", headers, client="192.0.2.1"))
receiver.begin()
receiver.feed("".join(parts).encode())
with open(path, "rb") as file:
    receiver.feed(file.read(256 * 1024))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    while piece := file.read(256 * 1024):
        receiver.feed(piece)
receiver.feed(b"\\r\\n--b--\\r\\n")
answer = receiver.finish()
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(answer.status, grown // 1024, answer.reason)
"""


@pytest.mark.parametrize("megabytes", [40, pytest.param(300, marks=pytest.mark.slow)])
def test_memory_stays_flat_however_large_the_file_is(index, megabytes):
    token = token_of(index, index.user("ada"))
    settings = index.tools.settings
    arguments = [str(settings.data), index.tools.database.url, token, str(megabytes)]
    ran = subprocess.run([sys.executable, "-c", SEND, *arguments], capture_output=True, text=True, check=False)
    assert ran.stdout.startswith("200 "), ran.stdout + ran.stderr
    assert int(ran.stdout.split()[1]) < 40
    assert index.filenames("demo") == ["demo-1.0-py3-none-any.whl"]


@pytest.mark.parametrize("size", [0, 1, 100_000, THREADS_FROM, THREADS_FROM + 1, 3 * THREADS_FROM])
def test_digests_are_those_of_the_bytes(tmp_path, size):
    content = random.Random(size).randbytes(size)
    spool = Spool(tmp_path / "file")
    for start in range(0, size, 65_537):
        spool.write(content[start : start + 65_537])
    spooled = spool.finish()
    assert spooled.path.read_bytes() == content
    assert (spooled.size, spooled.md5, spooled.sha256, spooled.blake2_256) == (
        size,
        hashlib.md5(content).hexdigest(),
        hashlib.sha256(content).hexdigest(),
        hashlib.blake2b(content, digest_size=32).hexdigest(),
    )
    spool.abandon()
    assert not spooled.path.exists()


def test_a_spool_can_be_given_up_at_any_time(tmp_path):
    for size in (0, 10, THREADS_FROM + 1):
        spool = Spool(tmp_path / "file")
        spool.write(bytes(size))
        spool.abandon()
        spool.abandon()
        assert list(tmp_path.iterdir()) == []
