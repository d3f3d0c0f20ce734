"""What pages say of members that deserve a look."""

from __future__ import annotations

from warehouse.standards.members import Remark
from warehouse.web.language import lazy

LABELS = {
    Remark.BUILD: lazy("runs when built"),
    Remark.STARTUP: lazy("runs at every start"),
    Remark.COMPILED: lazy("compiled"),
    Remark.BYTECODE: lazy("bytecode"),
    Remark.COMMANDS: lazy("names commands"),
    Remark.LINK: lazy("link"),
}
MEANINGS = {
    Remark.BUILD: lazy("Code that runs while the project is built and installed from source."),
    Remark.STARTUP: lazy("Read whenever this Python starts, also when nobody imports the project."),
    Remark.COMPILED: lazy("Machine code, which nobody can read here."),
    Remark.BYTECODE: lazy("Compiled Python, which need not be what the source beside it says."),
    Remark.COMMANDS: lazy("Says which commands are installed, and what they call."),
    Remark.LINK: lazy("Leads to another path when it is unpacked."),
}
TONES = {Remark.STARTUP: "warning", Remark.BUILD: "warning"}
