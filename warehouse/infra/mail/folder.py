"""Mail into a folder, one file per message, for an index that has no mail server."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from warehouse.infra.mail.contract import MailUnavailable, Message, compose, parse_sender


class FolderMailer:
    """Writes ``.eml`` files, which mail programs open, into ``directory``; their names sort by time.

    A file appears complete or not at all. Only the owner may read it: links that sign somebody in are in there.
    """

    def __init__(self, directory: Path, *, sender: str = "warehouse@localhost") -> None:
        self.directory = Path(directory).absolute()
        self._sender = parse_sender(sender)
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    def send(self, message: Message) -> None:
        content = compose(message, self._sender).as_bytes()
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{uuid4().hex[:8]}.eml"
        unfinished = self.directory / f".{name}"
        try:
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with open(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            unfinished.rename(self.directory / name)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise MailUnavailable(f"The message cannot be written to the mail folder: {error.strerror}.") from error
