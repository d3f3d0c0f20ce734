"""Invented metadata, the same for every release of a project."""

from __future__ import annotations

from random import Random

SUBJECTS = (
    "HTTP requests", "time series", "machine learning models", "tabular files", "cloud storage", "test reports",
    "message queues", "command lines", "geographic data", "chemical structures", "web pages", "configuration",
    "audio files", "language models", "blockchain data", "graphs", "spreadsheets", "log files", "sensors", "games",
)  # fmt: skip
DOES = ("A small library for", "Tools for working with", "A fast parser of", "Yet another wrapper around", "Handles")

CLASSIFIERS = (
    "Development Status :: 3 - Alpha",
    "Development Status :: 4 - Beta",
    "Development Status :: 5 - Production/Stable",
    "Intended Audience :: Developers",
    "Intended Audience :: Science/Research",
    "License :: OSI Approved :: MIT License",
    "License :: OSI Approved :: Apache Software License",
    "License :: OSI Approved :: BSD License",
    "Operating System :: OS Independent",
    "Programming Language :: Python",
    "Programming Language :: Python :: 3",
    "Programming Language :: Python :: 3 :: Only",
    "Programming Language :: Python :: 3.9",
    "Programming Language :: Python :: 3.10",
    "Programming Language :: Python :: 3.11",
    "Programming Language :: Python :: 3.12",
    "Topic :: Internet :: WWW/HTTP",
    "Topic :: Scientific/Engineering",
    "Topic :: Software Development :: Libraries :: Python Modules",
    "Topic :: Utilities",
    "Typing :: Typed",
)
REQUIREMENTS = (
    "requests>=2.28", "numpy>=1.21", "click<9,>=8", "pydantic>=2", "pyyaml", "attrs>=22.2", "rich>=13", "httpx",
    "pandas>=1.5", "jinja2>=3", "typing-extensions>=4; python_version < '3.11'", "tqdm", "aiohttp>=3.8",
    "pytest>=7; extra == 'test'", "sphinx; extra == 'docs'", "ruff; extra == 'dev'",
)  # fmt: skip
PYTHONS = ("\\N", "\\N", ">=3.6", ">=3.7", ">=3.8", ">=3.8", ">=3.9", ">=3.10", ">=3.8,<4.0")
LICENSES = ("MIT", "MIT", "Apache-2.0", "BSD-3-Clause", "GPL-3.0-or-later", "\\N")


class Metadata:
    """What the author of a project states. ``size`` is bytes of the least file; texts are as COPY takes them."""

    COLUMNS = (
        "metadata_version, summary, author, author_email, license_expression, keywords, classifiers, home_page,"
        " project_urls, requires_python, requires_dist, provides_extra"
    )

    def __init__(self, name: str, random: Random) -> None:
        self.requires_python = random.choice(PYTHONS)
        self.size = 6_000 * random.paretovariate(0.9)
        summary = f"{random.choice(DOES)} {random.choice(SUBJECTS)}"
        requirements = random.sample(REQUIREMENTS, random.randint(0, 6))
        extras = [extra for extra in ("test", "docs", "dev") if any(f"'{extra}'" in one for one in requirements)]
        urls = f'[{{"label": "Source", "url": "https://code.example/{name}", "verified": false}}]'
        self.line = "\t".join(
            (
                random.choice(("2.1", "2.1", "2.2", "2.3", "2.4")),
                summary,
                name.title(),
                f"{name}@example.com",
                random.choice(LICENSES),
                _array(name.split("-")),
                _array(random.sample(CLASSIFIERS, random.randint(1, 5))),
                f"https://{name}.example/",
                urls,
                self.requires_python,
                _array(requirements),
                _array(extras),
            )
        )
        text = f"# {name}\\n\\n{summary}. It does one thing and does it well.\\n\\n" * random.randint(1, 8)
        self.description = f"text/markdown\t{text}\t\t"


def _array(values: list[str]) -> str:
    return "{" + ",".join(f'"{value}"' for value in values) + "}" if values else "\\N"
