"""How settings are read: the defaults, the profile's own, the YAML file and the environment, later ones winning.

The layers are put together here rather than by pydantic-settings because each value must remember where it came from:
the sentence that refuses a wrong value names the variable, or the file and line, that somebody has to change.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_args

import yaml
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from warehouse.settings.show import is_secret
from warehouse.settings.table import FIELDS, PROFILES, Settings, sections, variable
from warehouse.settings.written import HIDDEN


class BadSettings(Exception):
    """The settings cannot be used; ``sentence`` names the setting, where it was given, and what is expected."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Given(NamedTuple):
    """A value as somebody wrote it, and where."""

    value: object
    source: str


def load_settings(environ: Mapping[str, str] = os.environ, config_file: Path | str | None = None) -> Settings:
    """Settings from the defaults, the profile, the YAML file and the environment, later ones winning.

    ``config_file`` is used instead of the file that ``WAREHOUSE_CONFIG`` names. An empty variable is as good as none;
    ``none`` turns off what can be absent. Refuses with `BadSettings`: one sentence, the first thing that is wrong.
    """
    given = _from_environment(environ)
    if config_file is not None:
        given["config"] = Given(Path(config_file), "the command line")
    if "config" in given:
        given = _from_file(Path(str(given["config"].value))) | given
    profile = given["profile"].value if "profile" in given else "private"
    if isinstance(profile, str):
        defaults = PROFILES.get(profile, {})
        given = {name: Given(value, f"profile {profile}") for name, value in defaults.items()} | given
    return _settings(given)


def _from_environment(environ: Mapping[str, str]) -> dict[str, Given]:
    names = {variable(name): name for name in FIELDS}
    given = {}
    for key, text in environ.items():
        if key in names and text.strip():
            given[names[key]] = Given(text.strip(), f"environment {key}")
        elif key.startswith("WAREHOUSE_") and key not in names:
            raise BadSettings(f"The environment sets {key}, which is no setting; {_hint(key, names)}")
    return given


def _from_file(path: Path) -> dict[str, Given]:
    try:
        loader = yaml.SafeLoader(path.read_text(encoding="utf-8"))
        root = loader.get_single_node()
        return dict(_from_node(loader, root, path)) if root is not None else {}
    except OSError as error:
        raise BadSettings(f"The settings file {path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise BadSettings(f"The settings file {path} is not UTF-8 text; save it as UTF-8.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else str(path)
        problem = getattr(error, "problem", None) or "it holds characters that YAML does not allow"
        raise BadSettings(f"The settings file is not YAML at {place}: {problem}.") from None


def _from_node(loader: yaml.SafeLoader, root: yaml.Node, path: Path) -> Iterator[tuple[str, Given]]:
    named = sections()
    known = [name for name in FIELDS if name != "config"]
    for key, node, place in _pairs(loader, root, path, ""):
        if key in named:
            for name, value, line in _pairs(loader, node, path, f"{key}."):
                if name not in known:
                    raise BadSettings(f"{line} sets {name}, which is no setting; {_hint(name, known)}")
                yield name, Given(loader.construct_object(value, deep=True), line)
        elif key in known and "." not in key:
            yield key, Given(loader.construct_object(node, deep=True), place)
        else:
            raise BadSettings(f"{place} sets {key}, which is no setting; {_hint(key, [*named, *known])}")


def _pairs(loader: yaml.SafeLoader, node: yaml.Node, path: Path, prefix: str) -> Iterator[tuple[str, yaml.Node, str]]:
    """Each full name in a mapping with its value and its place, refusing a name that is given twice."""
    if prefix and isinstance(node, yaml.ScalarNode) and loader.construct_object(node) is None:
        return
    place = f"{path}:{node.start_mark.line + 1}"
    what = f"the settings of {prefix.rstrip('.')}" if prefix else "sections and settings"
    if not isinstance(node, yaml.MappingNode):
        raise BadSettings(f"{place} should hold {what}, one 'name: value' on each line.")
    seen: dict[str, str] = {}
    for key_node, value in node.value:
        place = f"{path}:{key_node.start_mark.line + 1}"
        key = prefix + str(key_node.value)
        if key in seen:
            raise BadSettings(f"{place} sets {key} again after {seen[key]}; keep one of the two.")
        seen[key] = place
        yield key, value, place


def _hint(name: str, known: Mapping[str, str] | list[str]) -> str:
    bare = name.removeprefix("WAREHOUSE_")  # DATABASE_URL is the one variable without it
    close = [bare] if bare in known else difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]}?" if close else "docs/settings.md lists them all."


def _settings(given: Mapping[str, Given]) -> Settings:
    tree: dict[str, Any] = {}
    for name, (value, _) in given.items():
        section, _, leaf = name.rpartition(".")
        branch = tree.setdefault(section, {}) if section else tree
        branch[leaf] = None if _may_be_none(FIELDS[name]) and _means_none(value) else value
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as problems:
        raise BadSettings(_sentence(problems.errors()[0], given)) from None
    settings._sources = {name: source for name, (_, source) in given.items()}
    return settings


def _may_be_none(field: FieldInfo) -> bool:
    return type(None) in get_args(field.annotation)


def _means_none(value: object) -> bool:
    # YAML 1.1 reads `off` and `no` as false.
    return value is False or (isinstance(value, str) and value.lower() in {"none", "off", "null"})


def _sentence(problem: Any, given: Mapping[str, Given]) -> str:
    path = [str(part) for part in problem["loc"]]
    name = ".".join(path[:2]) if ".".join(path[:2]) in FIELDS else path[0]
    value, source = given[name]
    written = (
        HIDDEN if is_secret(FIELDS[name]) else repr(value) if len(repr(value)) <= 100 else f"{repr(value)[:97]}..."
    )
    place = f"in {source}" if source.startswith(("environment", "profile")) else f"at {source}"
    return f"{name} is {written} {place}; expected {_expected(problem)}."


def _expected(problem: Any) -> str:
    context = problem.get("ctx", {})
    match problem["type"].partition("_")[0], context:
        case "value", {"error": error}:
            return str(error)
        case "literal", {"expected": choices}:
            return str(choices)
        case "bool", _:
            return "true or false"
        case "int", _:
            return "a whole number"
        case "greater", {"ge": least}:
            return f"{least} or more"
        case "less", {"le": most}:
            return f"{most} or less"
    return "text, in quotes where YAML would read a number or a date"
