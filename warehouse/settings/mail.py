"""The settings of mail: how it is sent, and who tells what became of it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from warehouse.settings.section import Section
from warehouse.settings.written import Duration, MailAddress, Url, Written, read_count

_TOPIC = re.compile(r"arn:aws[a-z-]{0,16}:sns:[a-z0-9-]{3,32}:[0-9]{12}:[A-Za-z0-9_.-]{1,256}")


def read_topic(value: object) -> str:
    """The ARN of an SNS topic."""
    if not isinstance(value, str) or not _TOPIC.fullmatch(value.strip()):
        raise ValueError("the ARN of an SNS topic such as 'arn:aws:sns:eu-west-1:123456789012:mail'")
    return value.strip()


Topic = Annotated[str, Written(read_topic)]

_CONTROL = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_PLAIN = rf"[^{_CONTROL}<>()\[\],;:\\\"@]"
_ADDRESS = rf"(?:(?!\s){_PLAIN}){{1,64}}@(?:(?!\s){_PLAIN}){{1,255}}"
_SENDER = re.compile(rf"(?:(?:{_PLAIN}{{1,100}}|\"[^{_CONTROL}\\\"]{{1,100}}\") ?<{_ADDRESS}>|{_ADDRESS})")


def read_sender(value: object) -> str:
    """One address, with or without a name in front."""
    if not isinstance(value, str) or not _SENDER.fullmatch(value.strip()):
        raise ValueError("an address such as 'index@example.org' or 'Example index <index@example.org>'")
    return value.strip()


Sender = Annotated[str, Written(read_sender)]


class Mail(Section):
    """How mail is sent."""

    backend: Literal["folder", "smtp", "ses"] = Field(
        default="folder",
        description="folder writes mail into the folder mail in the data folder, smtp sends it through a mail server, "
        "ses through Amazon's mail service.",
    )
    sender: Sender = Field(default="warehouse@localhost", description="The address that mail comes from.")
    support: MailAddress | None = Field(
        default=None,
        description="Whom people write to who need help with their account; named in mail, and where answers to it go.",
    )
    host: str = Field(default="localhost", description="The mail server.")
    port: Annotated[int, Written(read_count), Field(ge=1, le=65535)] = Field(
        default=587, description="The mail server's port."
    )
    tls: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="starttls turns encryption on after connecting, tls connects encrypted, none never encrypts.",
    )
    username: str | None = Field(default=None, description="The account at the mail server, when it asks for one.")
    password: SecretStr | None = Field(default=None, description="The password of that account.")
    time_limit: Duration = Field(default=timedelta(seconds=20), description="How long sending one message may take.")
    region: str | None = Field(default=None, description="The region of Amazon's mail service, such as `eu-west-1`.")
    access_key_id: str | None = Field(
        default=None,
        description="The id of an access key of Amazon's that may do `ses:SendEmail` and `ses:SendRawEmail`.",
    )
    secret_access_key: SecretStr | None = Field(default=None, description="The secret of that key.")
    ses_topic: Topic | None = Field(
        default=None,
        description="The ARN of the SNS topic to which the mail service publishes bounces, complaints and deliveries. "
        "Subscribe the address `/_/ses-hook/` of this index to it; see docs/operating.md.",
    )
    ses_endpoint: Url | None = Field(
        default=None, description="Where something else speaks like Amazon's mail service; none asks Amazon."
    )
    sns_endpoint: Url | None = Field(
        default=None,
        description="Where something else speaks like Amazon's SNS, and keeps its certificates; none asks Amazon.",
    )
