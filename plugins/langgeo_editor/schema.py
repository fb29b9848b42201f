"""`langgeo schema`: the JSON schema (draft 2020-12) of config files, with every installed component, for editors.

It holds what a reader of YAML 1.2 can check. `langgeo validate` checks whether languages have texts and components fit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel

from langgeo_core.api import (
    Catalog,
    CatalogEntry,
    ConfigSchema,
    MatrixSchema,
    Registry,
    UserError,
    catalog_of,
    installed,
    print_json,
    write_text,
)
from langgeo_core.hooks import records

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
LABEL: Schema = {
    "type": "string",
    "pattern": r"^[\w.+-]+$",
    "description": "What the run calls the component, if not by its name.",
}
LANGUAGE_ID = r"^[A-Za-z]{2,3}(_[A-Za-z0-9]+)?$"
CHOSEN = {kind: record for kind, record in records.KINDS.items() if record.key}
"""The kinds of component that a config chooses."""


@click.command("schema")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write it to a file.")
@click.pass_obj
def command(settings: dict[str, Any], out: Path | None) -> None:
    """Print the JSON schema of configs, with the components that are installed, for editors.

    Example: langgeo schema --out langgeo.schema.json
    """
    schema = config_schema(installed(), catalog_of(settings))
    if out is None:
        print_json(schema)
        return
    write_text(out, json.dumps(schema, indent=1, ensure_ascii=False) + "\n")
    click.echo(out)


def config_schema(registry: Registry, catalog: Catalog) -> Schema:
    """The schema of a config over all installed components and the catalog's short names and language sets."""
    definitions: Schema = {"language": _language(catalog)}
    for kind in CHOSEN:
        definitions.update(_definitions(kind, registry, catalog))
    with_models = _config(ConfigSchema, definitions)
    with_matrix = _config(MatrixSchema, definitions)
    for entry in registry.all("commands"):
        command = entry.component
        if isinstance(command, records.Command) and command.config_key:
            with_models["properties"][command.config_key] = dict(command.config_schema)
            with_matrix["properties"][command.config_key] = dict(command.config_schema)
    formats = definitions["MatrixSettings"]["properties"]["format"]
    names = {"enum": registry.names("readers")}
    formats["anyOf"] = [names, {"type": "string", "pattern": "^[^:]+:"}, {"type": "null"}]
    return {
        "$schema": DIALECT,
        "title": "langgeo config",
        "type": "object",
        "if": {"required": ["matrix"]},
        "then": {"properties": with_matrix["properties"], "additionalProperties": False},
        "else": {**with_models, "additionalProperties": False, "required": ["models", "corpora", "languages"]},
        "$defs": definitions,
    }


def _config(model: type[BaseModel], definitions: Schema) -> Schema:
    """The keys of one form of a config; nested schemas go to the definitions."""
    schema = _of_model(model, definitions)
    properties = schema["properties"]
    for record in CHOSEN.values():
        if not (model is MatrixSchema and record.makes_distances):
            properties[record.key] = _component_key(record, properties[record.key])
    languages = {"$ref": "#/$defs/language"}
    properties["languages"] = _kept(_one_or_more(languages, 1), properties["languages"])
    properties["name"] = {**properties["name"], "pattern": r"^[^/\\]+$"}
    return {"properties": properties}


def _component_key(record: type[records.Component], described: Schema) -> Schema:
    choice = {"$ref": f"#/$defs/{record.kind}"}
    if record.single:
        return _kept(choice, described)
    return _kept(_one_or_more(choice, described.get("minItems", 0)), described)


def _one_or_more(item: Schema, least: int) -> Schema:
    """A list, or one entry without its brackets."""
    return {"anyOf": [item, {"type": "array", "items": item, "minItems": least}]}


def _kept(schema: Schema, described: Schema) -> Schema:
    """With the description and the default of another schema."""
    return {**schema, **{key: described[key] for key in ("description", "default") if described.get(key) is not None}}


def _language(catalog: Catalog) -> Schema:
    sets = [*catalog.language_sets]
    notes = [catalog.set_notes.get(name) or f"{len(catalog.language_sets[name])} languages." for name in sets]
    names = {"enum": ["all", *sets], "enumDescriptions": ["Every language that a corpus has.", *notes]}
    return {"anyOf": [names, {"type": "string", "pattern": LANGUAGE_ID}]}


@dataclass(frozen=True)
class _Form:
    """A name that a config may write, the pattern of its longer forms, its description and its schema."""

    name: str
    pattern: str
    summary: str
    schema: Schema

    @property
    def needs_no_options(self) -> bool:
        """Whether the name alone may be written, since no option is required."""
        return len(self.schema["required"]) == 1


def _definitions(kind: str, registry: Registry, catalog: Catalog) -> Schema:
    """A definition for every component and short name of a kind, and one for the choice among them."""
    definitions: Schema = {}
    forms = list(_forms(kind, registry, catalog, definitions))
    named = {f"{kind}.{form.name}": form.schema for form in forms}
    return {**definitions, **named, kind: _choice(kind, forms)}


def _forms(kind: str, registry: Registry, catalog: Catalog, definitions: Schema) -> Iterator[_Form]:
    """Components, which may be written `distribution:name`, and short names, which take precedence."""
    entries = catalog.entries(kind)
    for name in registry.names(kind):
        try:
            component = registry.get(kind, name).component
        except UserError:  # two distributions claim the name
            continue
        if name not in entries:
            schema = _written_out(component, None, _options(component, definitions))
            yield _Form(name, f"^([^:]+:)?{re.escape(name)}$", component.summary, schema)
    for name, entry in entries.items():
        component = registry.get(kind, entry.component.text).component
        schema = _written_out(component, entry, _options(component, definitions))
        yield _Form(name, f"^{re.escape(name)}$", _summary(component, entry), schema)


def _summary(component: records.Component, entry: CatalogEntry | None) -> str:
    note = f" ({entry.note})" if entry and entry.note else ""
    return f"{component.summary}{note}"


def _options(component: records.Component, definitions: Schema) -> Schema:
    """The schema of a component's options; anything is allowed where the packages that declare them are missing."""
    try:
        model = component.load("options")
    except (ImportError, AttributeError):
        return {}
    return _of_model(model, definitions) if model else {"properties": {}}


def _written_out(component: records.Component, entry: CatalogEntry | None, options: Schema) -> Schema:
    """The long form: `{name: …, as: …, option: …}`."""
    given = entry.given if entry else {}
    properties = {
        option: {**schema, "default": given[option]} if option in given else schema
        for option, schema in options.get("properties", {}).items()
    }
    required = [option for option in options.get("required", ()) if option not in given]
    return {
        "type": "object",
        "description": _summary(component, entry),
        "properties": {"name": {"type": "string"}, "as": LABEL, **properties},
        "required": ["name", *required],
        "additionalProperties": "properties" not in options,
    }


def _choice(kind: str, forms: Sequence[_Form]) -> Schema:
    """A name alone, or a map that is checked against the schema of its name."""
    branches = [
        {"if": {"properties": {"name": {"pattern": form.pattern}}}, "then": {"$ref": f"#/$defs/{kind}.{form.name}"}}
        for form in forms
    ]
    written_out = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": _name_of(forms)},
        "allOf": branches,
    }
    short = [form for form in forms if form.needs_no_options]
    return {"if": {"type": "object"}, "then": written_out, "else": _name_of(short)}


def _name_of(forms: Sequence[_Form]) -> Schema:
    """Names for an editor to offer, and their longer forms."""
    names = {"enum": [form.name for form in forms], "enumDescriptions": [form.summary for form in forms]}
    return {"anyOf": [names, *({"type": "string", "pattern": form.pattern} for form in forms)]}


def _of_model(model: type[BaseModel], definitions: Schema) -> Schema:
    """The schema of a pydantic model as configs write it; nested models go to the definitions."""
    schema: Schema = _tidy(model.model_json_schema(ref_template="#/$defs/{model}"))
    for name, nested in schema.pop("$defs", {}).items():
        definitions[name] = nested
    return schema


def _tidy(schema: Any, inside: bool = False) -> Any:
    """Without generated titles; lists may be written as their one entry, and text as a number."""
    if isinstance(schema, list):
        return [_tidy(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if inside:
        return {name: _tidy(part) for name, part in schema.items()}
    tidied = {key: _tidy(part, key in ("properties", "$defs")) for key, part in schema.items() if key != "title"}
    if tidied.get("type") == "array" and isinstance(tidied.get("items"), dict):
        about = {key: tidied.pop(key) for key in ("description", "default") if key in tidied}
        return {"anyOf": [tidied, tidied["items"]], **about}
    return tidied
