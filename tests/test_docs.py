"""The pages: links lead somewhere, and the commands, options and code that they show are read."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
import yaml
from jsonschema import Draft202012Validator
from tiny_run import Langgeo

from langgeo_core.api import ConfigSchema, MatrixSchema, bundled_catalog, draft_of, installed
from langgeo_core.cli import cli
from langgeo_editor.schema import config_schema

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^( *)(`{3,})(\w*)[^\n]*\n(.*?)^\1\2", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^()\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
ANSWER = re.compile(
    r"^\$ (langgeo (?:(?:distance|nearest) (?!runs/)[^\n]+|cite))\n((?!\$).+?)(?=^\$ |\Z)", re.MULTILINE | re.DOTALL
)
KEYS = {field.alias or name for schema in (ConfigSchema, MatrixSchema) for name, field in schema.model_fields.items()}
OF_EXAMPLES = {"outliers", "NAME"}
"""Commands that pages about plugins make, or stand for."""


def pages() -> list[Path]:
    loose = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    return loose + sorted(
        page
        for folder in ("docs", "examples", "plugins", "langgeo_core")
        for page in (ROOT / folder).rglob("*.md")
        if "templates" not in page.parts
    )


@cache
def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """A page without its code."""
    return re.sub(r"`[^`\n]+`", "", FENCE.sub("", text_of(page)))


@cache
def anchors(page: Path) -> set[str]:
    """The ids that GitHub and MkDocs give the headings of a page."""
    headings = HEADING.findall(FENCE.sub("", text_of(page)))
    return {re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", heading.lower()).strip()) for heading in headings}


def commands(page: Path) -> Iterator[str]:
    """Every command of langgeo that a block of code has on a line of its own, continued lines joined."""
    for block in FENCE.finditer(text_of(page)):
        if block[3] in ("", "sh", "console"):
            for line in block[4].replace("\\\n", " ").splitlines():
                if found := re.match(r" *(?:\$ )?(?:\w+=\S+ )*(langgeo [^#]+)", line):
                    yield found[1].strip()


def answers() -> Iterator[tuple[Path, str, str]]:
    """(page, command, output) of each answer of a packaged space that a page shows, and of how to cite."""
    for page in pages():
        for block in FENCE.finditer(text_of(page)):
            for found in ANSWER.finditer(block[4]):
                yield page, found[1], found[2]


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", pages(), ids=named)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    for link in LINK.findall(prose(page)):
        if re.match(r"\w+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.resolve()), link


def test_every_plugin_is_listed() -> None:
    listed = LINK.findall(text_of(ROOT / "docs" / "reference" / "plugins.md"))
    readmes = {f"../../{readme.relative_to(ROOT).as_posix()}" for readme in ROOT.glob("plugins/*/README.md")}
    assert readmes - {*listed} == set()


@pytest.mark.parametrize("page", [page for page in pages() if any(commands(page))], ids=named)
def test_commands_and_options_exist(page: Path) -> None:
    for line in commands(page):
        words = shlex.split(re.split(r" (?:[|>]|2>|&&) ?", line)[0])[1:]
        try:
            parse(cli, words)
        except click.UsageError as failure:
            pytest.fail(f"{line}: {failure.format_message()}")


def parse(command: click.Command, words: list[str]) -> None:
    """Raises UsageError for an option that the command lacks."""
    context = click.Context(command, info_name="langgeo", **command.context_settings)
    _, rest, _ = command.make_parser(context).parse_args(list(words))
    if isinstance(command, click.Group) and rest and rest[0] not in OF_EXAMPLES:
        found = command.get_command(context, rest[0])
        assert found is not None, rest[0]
        parse(found, rest[1:])


@pytest.mark.parametrize("page", pages(), ids=named)
def test_python_compiles(page: Path) -> None:
    for block in FENCE.finditer(text_of(page)):
        if block[3] == "python":
            compile(block[4], named(page), "exec")


@pytest.mark.parametrize(("page", "command", "output"), [(named(page), *more) for page, *more in answers()])
def test_answers_are_what_is_printed(page: str, command: str, output: str, langgeo: Langgeo) -> None:
    done = langgeo(*shlex.split(command)[1:])
    assert (done.code, done.out) == (0, output), page


def test_configs_follow_the_schema() -> None:
    validator = Draft202012Validator(config_schema(installed(), bundled_catalog()))  # itself checked with the editor's
    checked = 0
    for page in pages():
        for block in FENCE.finditer(text_of(page)):
            if block[3] == "yaml" and isinstance(config := yaml.safe_load(block[4]), dict) and config.keys() <= KEYS:
                needed = {} if "matrix" in config else {"models": "gemma-3-270m", "corpora": "udhr", "languages": "all"}
                validator.validate(needed | config)
                checked += 1
    assert checked > 10


def test_examples_are_read() -> None:
    for file in sorted((ROOT / "examples").glob("*.yaml")):
        assert draft_of({"registry": None}, str(file), (), None).resolved().settings.languages


ON_PACKAGED = [
    (named(page), block[4])
    for page in pages()
    for block in FENCE.finditer(text_of(page))
    if block[3] == "python" and "lg.space(" in block[4] and not re.search(r"runs/|lg\.run\(", block[4])
]


@pytest.mark.parametrize(("page", "source"), ON_PACKAGED)
def test_python_on_packaged_spaces_runs(
    page: str, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(source, page, "exec"), {"__name__": "example"})
