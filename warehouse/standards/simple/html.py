"""The HTML form of the Simple API, frozen down to its white space.

PEP 833 freezes what this form can say, and people parse these pages with regular expressions: changing a space, the
order of two attributes or the spelling of an escape breaks somebody. The tests pin the bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.standards.simple.model import API_VERSION, FileEntry, ProjectPage

_MARKUP = "&<>\"'"

ROOT_HEAD = (
    '<!DOCTYPE html>\n<html lang="en">\n  <head>\n'
    f'    <meta name="pypi:repository-version" content="{API_VERSION}">\n'
    "    <title>Simple index</title>\n  </head>\n  <body>\n"
)


def escape(text: str) -> str:
    """Text for an element or a quoted attribute; quotes become the numeric references the form has always had."""
    return (
        text.replace("&", "&amp;").replace(">", "&gt;").replace("<", "&lt;").replace("'", "&#39;").replace('"', "&#34;")
    )


def project_html(page: ProjectPage) -> bytes:
    """The page of one project (PEP 503, 592, 629, 658, 714, 740, 792), ended by its serial as a comment."""
    name = escape(page.name)
    status = f'<meta name="pypi:project-status" content="{escape(page.status)}">'
    if page.status_reason:
        status += f'<meta name="pypi:project-status-reason" content="{escape(page.status_reason)}">'
    pieces = [
        '<!DOCTYPE html>\n<html lang="en">\n  <head>\n'
        f'    <meta name="pypi:repository-version" content="{API_VERSION}">\n'
        f"{status}    <title>Links for {name}</title>\n"
        f"  </head>\n  <body>\n    <h1>Links for {name}</h1>\n"
    ]
    pieces += _links(page.offered_files)
    pieces.append(f"</body>\n</html>\n<!--SERIAL {page.serial}-->")
    return "".join(pieces).encode()


def root_link(base: str, name: str, display: str) -> str:
    """The line of the root page for one project, whose page is ``base`` + its normalized name + ``/``."""
    return f'    <a href="{escape(base)}{escape(name)}/">{escape(display)}</a>\n'


def root_tail(serial: int) -> str:
    """What ends the root page."""
    return f"  </body>\n</html>\n<!--SERIAL {serial}-->"


def _links(files: Sequence[FileEntry]) -> list[str]:
    requirements: dict[str | None, str] = {None: "", "": ""}
    links = []
    for filename, _, url, sha256, _, _, requires_python, yanked, metadata, provenance in _escaped(files):
        try:
            attributes = requirements[requires_python]
        except KeyError:  # a project has few distinct requirements, nearly all of which need escaping
            attributes = requirements[requires_python] = f'data-requires-python="{escape(requires_python or "")}" '
        if yanked is not None:
            attributes += f'data-yanked="{escape(yanked)}" '
        if metadata:
            attributes += f'data-dist-info-metadata="sha256={metadata}" data-core-metadata="sha256={metadata}"'
        if provenance:
            attributes += f' data-provenance="{provenance}"'
        links.append(f'<a href="{url}#sha256={sha256}" {attributes}>{filename}</a><br />\n')
    return links


def _escaped(files: Sequence[FileEntry]) -> Sequence[FileEntry]:
    """The files with names, URLs and hashes escaped; requirements and reasons, which differ, are left to the caller.

    Hardly any page has markup there: looking once through all of them costs a hundredth of escaping each.
    """
    seen = "".join([f"{file[0]}{file[2]}{file[3]}{file[8]}{file[9]}" for file in files])
    if not any(character in seen for character in _MARKUP):
        return files
    return [
        FileEntry(*file)._replace(
            filename=escape(file[0]),
            url=escape(file[2]),
            sha256=escape(file[3]),
            metadata_sha256=file[8] and escape(file[8]),
            provenance=file[9] and escape(file[9]),
        )
        for file in files
    ]
