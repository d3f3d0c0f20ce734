"""The rules of uploading, in the order in which people hear of them.

A rule is a function of the candidate that returns the sentence to refuse it with, or None. Most refusals are 400;
a rule that answers otherwise stands beside the refusal it raises.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from warehouse.errors import Conflict, Invalid, NotAllowed, Refusal
from warehouse.operations.upload.candidate import Candidate
from warehouse.operations.upload.rules.contents import (
    archive_agrees_with_the_form,
    archive_is_sound,
    filename_can_be_read,
    filename_fits_the_metadata,
    wheel_platforms_are_portable,
)
from warehouse.operations.upload.rules.files import (
    bytes_match_the_digests,
    content_type_is_of_a_file,
    extension_fits_the_filetype,
    file_fits_the_limits,
    filename_has_no_control_characters,
    filename_has_no_slashes,
    name_and_bytes_are_new,
    name_was_never_used,
)
from warehouse.operations.upload.rules.names import (
    name_is_in_nobody_elses_namespace,
    name_is_no_lookalike,
    name_is_not_of_the_standard_library,
    name_is_not_prohibited,
    name_is_well_formed,
    new_projects_are_welcome,
    not_too_many_new_projects,
)
from warehouse.operations.upload.rules.people import (
    newcomer_has_second_factor,
    newcomer_has_verified_email,
    uploader_has_second_factor,
    uploader_has_verified_email,
    uploader_may_upload,
)
from warehouse.operations.upload.rules.releases import description_renders, only_one_sdist, release_is_open

Rule = Callable[[Candidate], str | None]

# What can be told without looking into the archive.
ADMISSION: Sequence[tuple[type[Refusal], Rule]] = (
    (NotAllowed, newcomer_has_verified_email),
    (NotAllowed, newcomer_has_second_factor),
    (Invalid, not_too_many_new_projects),
    (NotAllowed, new_projects_are_welcome),
    (Invalid, name_is_well_formed),
    (Invalid, name_is_not_of_the_standard_library),
    (Invalid, name_is_not_prohibited),
    (Invalid, name_is_no_lookalike),
    (NotAllowed, uploader_may_upload),
    (Conflict, name_is_in_nobody_elses_namespace),
    (NotAllowed, uploader_has_verified_email),
    (NotAllowed, uploader_has_second_factor),
    (Invalid, description_renders),
    (Invalid, filename_has_no_control_characters),
    (Invalid, filename_has_no_slashes),
    (Invalid, extension_fits_the_filetype),
    (Invalid, content_type_is_of_a_file),
    (Invalid, file_fits_the_limits),
    (Invalid, bytes_match_the_digests),
    (Invalid, name_and_bytes_are_new),
)

# What a file that is really new must show as well.
CONTENTS: Sequence[tuple[type[Refusal], Rule]] = (
    (Invalid, name_was_never_used),
    (Invalid, release_is_open),
    (Invalid, only_one_sdist),
    (Invalid, filename_can_be_read),
    (Invalid, wheel_platforms_are_portable),
    (Invalid, filename_fits_the_metadata),
    (Invalid, archive_is_sound),
    (Invalid, archive_agrees_with_the_form),
)


def check(rules: Sequence[tuple[type[Refusal], Rule]], candidate: Candidate) -> None:
    """Raise the refusal of the first rule that the candidate breaks."""
    for refusal, rule in rules:
        sentence = rule(candidate)
        if sentence is not None:
            raise refusal(sentence, code=rule.__name__)
