"""What `make docs` adds to the pages of docs/: plugins' READMEs, commands from `--help`, components from the registry.

MkDocs calls these functions (`hooks` of mkdocs.yml). Links are written as they hold in the repository; here they are
turned into those of the site.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import griffe
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from langgeo_core.api import (
    bundled_catalog,
    bundled_configs,
    describe_type,
    field_shapes,
    fields_by_key,
    find_config,
    installed,
    summary_of,
)
from langgeo_core.cli import cli
from langgeo_core.contract.records import KINDS, Component

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"(\]\()([^()#\s:]+)((?:#[^()\s]*)?\))")
PARAMETER = re.compile(r"^(\w[\w, ]*) : (?=.)", re.MULTILINE)
HREF = re.compile(r'(href=")([^"#:]+\.(?:md|ipynb))(?=")')
FILES = {
    "LICENSE": "LICENSE",
    "CITATION.cff": "CITATION.cff",
    "plugins/langgeo_report/data/references.bib": "references.bib",
}
"""Files of the repository that are in the site as they are, by where they are there."""
FIRST_DATE = (1980, 1, 1, 0, 0, 0)
UNPACKED = {"__pycache__", "runs", ".ipynb_checkpoints"}
COLUMNS = 88


def on_config(config: Any) -> Any:
    """Put the pages of the plugins below that which lists them."""
    reference = next(entry["Reference"] for entry in config.nav if "Reference" in entry)
    (listed,) = [entry for entry in reference if "Plugins" in entry]
    readmes = [uri for uri in elsewhere().values() if uri.startswith("reference/plugins/")]
    listed["Plugins"] = [listed["Plugins"], *({Path(uri).stem: uri} for uri in readmes)]
    return config


class Descriptions(griffe.Extension):
    """Docstrings of this project describe a parameter where numpydoc has its type, which the signature has."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Put each description on a line of its own, and end a sentence before an example with one colon."""
        if obj.docstring is not None:
            before, header, after = re.sub("::$", ":", obj.docstring.value, flags=re.MULTILINE).partition(
                "Parameters\n----------\n"
            )
            listed, blank, rest = after.partition("\n\n")
            obj.docstring.value = before + header + PARAMETER.sub(r"\1\n    ", listed) + blank + rest


@event_priority(100)  # before the plugin that runs the notebooks
def on_files(files: Files, config: Any) -> Files:
    """Add the pages that lie elsewhere in the repository, and those that are made here."""
    for source, uri in elsewhere().items():
        files.append(File.generated(config, uri, content=(ROOT / source).read_text(encoding="utf-8")))
    files.append(File.generated(config, "examples.zip", content=zipped(ROOT / "examples")))
    for uri in notebooks():
        files.append(File(uri, str(ROOT), config.site_dir, use_directory_urls=False))
    for source, uri in FILES.items():
        files.append(File.generated(config, uri, content=(ROOT / source).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: Any, files: Files) -> str:
    """Write the pages that are made, and turn links to files of the repository into links to pages of the site."""
    if page.file.src_uri in MADE:
        markdown = markdown.replace(" `make docs` writes the rest of this\npage.", "") + MADE[page.file.src_uri]()
    return LINK.sub(lambda link: link[1] + moved(link[2], page, files) + link[3], markdown)


def on_page_content(html: str, page: Page, config: Any, files: Files) -> str:
    """The same for notebooks, which are HTML already."""
    if page.file.src_uri not in notebooks():
        return html
    return HREF.sub(lambda link: link[1] + posixpath.splitext(moved(link[2], page, files))[0] + ".html", html)


def moved(link: str, page: Page, files: Files) -> str:
    """Where a link of a page leads in the site; as it is where that is no page of the repository."""
    pages = {f"docs/{file.src_uri}": file.src_uri for file in files} | elsewhere() | {uri: uri for uri in notebooks()}
    here = {uri: source for source, uri in pages.items()}[page.file.src_uri]
    pages |= {"README.md": "index.md", "examples": "examples.zip", **FILES}
    target = posixpath.normpath(posixpath.join(posixpath.dirname(here), link))
    if target not in pages:
        return link
    return posixpath.relpath(pages[target], posixpath.dirname(page.file.src_uri) or ".")


def notebooks() -> list[str]:
    """The notebooks of examples/: where they are in the repository and in the site."""
    return sorted(f"examples/{file.name}" for file in ROOT.glob("examples/*.ipynb"))


def elsewhere() -> dict[str, str]:
    """Pages of the repository outside docs/, with their address in the site."""
    plugins = sorted(ROOT.glob("plugins/*/README.md"))
    readmes = {f"plugins/{file.parent.name}/README.md": f"reference/plugins/{file.parent.name}.md" for file in plugins}
    return readmes | {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}


def zipped(folder: Path) -> bytes:
    """The folder as a zip file that has the same bytes for the same files."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(file for file in folder.rglob("*") if file.is_file() and not UNPACKED & {*file.parts}):
            archive.writestr(zipfile.ZipInfo(file.relative_to(folder.parent).as_posix(), FIRST_DATE), file.read_bytes())
    return held.getvalue()


def commands() -> str:
    """Every command with what `--help` prints."""
    return "".join(f"\n## {title}\n\n```text\n{text}\n```\n" for title, text in helps(cli, "langgeo"))


def helps(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[tuple[str, str]]:
    """(name, help) of a command and of those below it."""
    context = click.Context(command, info_name=name, parent=parent, max_content_width=COLUMNS, terminal_width=COLUMNS)
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            assert found is not None
            yield from helps(found, inner, context)


def components() -> str:
    """Every component, bundled config and set of languages."""
    return "".join(component_sections())


def component_sections() -> Iterator[str]:
    """A section for each kind."""
    for kind, record in KINDS.items():
        if kind not in ("commands", "readers"):
            yield f"\n## {kind}\n\n{record.help}\n"
            for entry in installed().all(kind):
                yield from component_section(entry.component)
    yield "\n## configs\n\n| config | |\n|---|---|\n"
    yield from (f"| `{name}` | {summary_of(find_config(name))} |\n" for name in bundled_configs())
    yield "\n## language sets\n\n| set | languages | |\n|---|---|---|\n"
    catalog = bundled_catalog()
    for name, members in catalog.language_sets.items():
        yield f"| `{name}` | {len(members)} | {catalog.set_notes.get(name, '')} |\n"


def component_section(component: Component) -> Iterator[str]:
    """One component: its summary, source and options."""
    package = component.factory.partition(".")[0].partition(":")[0]
    source = f" Source: {component.source}." if component.source else ""
    yield f"\n### {component.name} {{: #{component.kind}-{component.name} }}\n\n{component.summary}\n"
    yield f"From [{package}](plugins/{package}.md).{source}\n"
    options = component.load("options")
    if options is not None and options.model_fields:
        yield "\n| option | default | value | |\n|---|---|---|---|\n"
        for key, field in fields_by_key(options).items():
            value = field.get_default(call_default_factory=True)
            default = "required" if field.is_required() else f"`{value}`" if f"{value}" else ""
            told = (field.description or "").replace("|", "\\|")
            yield f"| `{key}` | {default} | {describe_type(field_shapes(field))} | {told} |\n"


MADE = {"reference/commands.md": commands, "reference/components.md": components}
"""The pages whose content is made here."""
