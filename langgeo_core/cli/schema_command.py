"""`langgeo schema`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from langgeo_core.cli.common import catalog_of, print_json


@click.command("schema")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write it to a file.")
@click.pass_obj
def command(settings: dict[str, Any], out: Path | None) -> None:
    """Print the JSON schema of configs, with the components that are installed, for editors.

    Example: langgeo schema --out langgeo.schema.json
    """
    import json

    from langgeo_core.config.json_schema import config_schema
    from langgeo_core.plugins.registry import installed
    from langgeo_core.system.files import write_text

    schema = config_schema(installed(), catalog_of(settings))
    if out is None:
        print_json(schema)
        return
    write_text(out, json.dumps(schema, indent=1, ensure_ascii=False) + "\n")
    click.echo(out)
