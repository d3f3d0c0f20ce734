"""Writes docs/settings.md to standard output: every setting, from the table that the program itself reads."""

from __future__ import annotations

from itertools import groupby

from warehouse.settings import FIELDS, PROFILES, Settings, load_settings, show_default, variable, where

HEAD = """\
# Settings

Nothing has to be set: an index runs with the defaults. What you set is read in this order, later wins:

1. the defaults,
2. the defaults of the profile (`WAREHOUSE_PROFILE=public`, say),
3. the YAML file that `WAREHOUSE_CONFIG` names,
4. the environment,
5. what the command line says (`--data`, `--config`, `--listen`, `--profile`).

`warehouse config` shows what an index uses, and where each value came from. A name that is not in this list, or a value
that cannot be used, stops the start with one sentence that says where to look.

```yaml
profile: public
listen: 0.0.0.0:8080
site:
  name: Example index
  url: https://packages.example.org
upload:
  max_file_size: 200 MiB
```

The same in the environment is `WAREHOUSE_UPLOAD__MAX_FILE_SIZE="200 MiB"`: the section, two underscores, the name.

* Durations: `14 days`, `1 h 30 min`, `20 s`, ISO 8601 such as `P14D`, or a number of seconds.
* Sizes: `100 MiB`, `10 GiB` (1024s), `10 GB` (1000s), or a number of bytes.
* Rates: `20 per hour`, `5 per 10 minutes`; where several hold, `5 per 5 minutes, 20 per hour`.
* Lists and options in the environment: `10.0.0.0/8, 10.1.2.3` and `region=eu-west-1, endpoint=https://s3.example.org`.
* `none` turns off what may be absent. An empty environment variable is the same as none at all.

This page is made by `python docs/generate_settings.py > docs/settings.md`.
"""


def markdown() -> str:
    """The whole page."""
    public = {line.name: line.value for line in where(load_settings({"WAREHOUSE_PROFILE": "public"}))}
    parts = [HEAD]
    for section, names in groupby(FIELDS, key=lambda name: name.rpartition(".")[0]):
        meaning = Settings.model_fields[section].annotation.__doc__ if section else "The index as a whole."
        parts.append(f"\n## {section or 'First things'}\n\n{meaning}\n")
        for name in names:
            parts.append(_entry(name, public[name]))
    return "".join(parts)


def _entry(name: str, public_value: str) -> str:
    field = FIELDS[name]
    default = f"`{show_default(field)}`"
    if name in PROFILES["public"]:
        default += f", public `{public_value}`"
    return f"\n### `{name.rpartition('.')[2]}`\n\n{field.description}\n\n`{variable(name)}`, default {default}\n"


if __name__ == "__main__":
    print(markdown(), end="")
