"""Runs, evaluations and ablations as functions."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from langgeo_atlas.comparing import as_space, scripts_known, written_scripts
from langgeo_atlas.space import LanguageSpace, load_run, needed_pandas
from langgeo_core.api import (
    UserError,
    catalog_of,
    config_of,
    default_folder,
    draft_matrix,
    draft_of,
    installed,
    is_empty,
    run as run_config,
    show_notices,
    write_distances,
)

if TYPE_CHECKING:
    import pandas as pd

SETTINGS: dict[str, Any] = {"registry": None, "quiet": True, "verbose": False}


@dataclass(frozen=True, repr=False)
class Ablation:
    """What `ablate` found: sentences, a row for each variant and metric, and the folder with everything."""

    sentences: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]
    folder: Path

    def __repr__(self) -> str:
        return "\n".join((f"Ablation({str(self.folder)!r}: {self._count})", *self.sentences))

    def _repr_html_(self) -> str:
        said = "".join(f"<li>{escape(sentence)}</li>" for sentence in self.sentences)
        return f"<p><b>{escape(str(self.folder))}</b>: {self._count}</p><ul>{said}</ul>"

    @property
    def _count(self) -> str:
        count = len({row["variant"] for row in self.rows})
        return f"{count} variants, {len(self.rows)} rows"

    def to_frame(self) -> pd.DataFrame:
        """The rows, as ablation.csv has them."""
        return needed_pandas().DataFrame(list(self.rows))


def run(config: str | Path, out: str | Path | None = None, quiet: bool = True, **choices: Any) -> LanguageSpace:
    """Run a config, as `langgeo run` does, and return its space. An interrupted run goes on, a finished one is read.

    Parameters
    ----------
    config : a YAML file, or the name of a bundled config
    out : the run folder; by default that of the same command line
    quiet : show no progress, and nothing of what takes long or did not go as configured, on stderr
    choices : keys of the config: `scorer="wanda"`, `languages=["deu", "eng"]`, `calibration={"tokens": 512}`,
        `scorer={"name": "sparsegpt", "diagonal": "cholesky"}`

    Raises
    ------
    ConfigError
        With every problem of the config.

    Examples
    --------
    >>> import langgeo_core as lg
    >>> space = lg.run("mine.yaml", scorer="wanda", languages=["deu", "eng", "nld", "swe"], exporters=[])
    >>> space.names
    ('German', 'English', 'Dutch', 'Swedish')
    """
    overrides = list(overrides_of(choices))
    settings = {**SETTINGS, "quiet": quiet}
    resolved = config_of(settings, str(config), overrides)
    folder = Path(out) if out else default_folder(resolved, overrides)
    with _notices(quiet):
        run_config(
            resolved,
            folder,
            quiet=quiet,
            reload=lambda file: config_of(settings, str(file), ()),
            say=lambda message: None if quiet else print(f"note: {message}", file=sys.stderr),
        )
    return load_run(folder)


def evaluate(
    distances: Any, out: str | Path | None = None, quiet: bool = True, overwrite: bool = False, **choices: Any
) -> LanguageSpace:
    """Score distances as `langgeo evaluate` does; the space that is returned has their figures as `metrics`.

    Parameters
    ----------
    distances : a frame with languages on both axes, a `LanguageSpace`, a file, or a run folder
    out : where to keep the run folder with its report; None for nowhere
    overwrite : whether what is in that folder is replaced
    choices : as for `run`

    Raises
    ------
    UserError
        If the folder is not empty and not to be replaced, or the distances or choices cannot be used.

    Examples
    --------
    >>> import langgeo_core as lg
    >>> scored = lg.evaluate("mine.csv", clusterers=[], baselines=[])
    >>> {"value", "null_mean", "p"} <= set(scored.metrics.columns)
    True
    """
    if out and not overwrite and Path(out).is_dir() and not is_empty(Path(out)):
        raise UserError(f"{out} is not empty", "choose another folder, or pass overwrite=True")
    space = as_space(distances)
    with TemporaryDirectory() as scratch:
        folder = Path(out) if out else Path(scratch) / "run"
        write_distances(file := Path(scratch) / f"{space.name or 'distances'}.csv", space.distances)
        overrides = [*([] if out else ["exporters=[]"]), *overrides_of(choices)]
        scripts = written_scripts(Path(scratch) / "scripts" / "known.csv", scripts_known(space))
        given = {"file": str(file), "distances": "true", **scripts}
        resolved = draft_matrix(given, "", overrides, installed(), catalog_of(SETTINGS)).resolved()
        with _notices(quiet):
            run_config(resolved, folder, overwrite=True, quiet=quiet)
        scored = load_run(folder)
        components = {**scored.record["components"], **space.record.get("components", {})}
        made = {**scored.record, **space.record, "components": components}
        return replace(scored, name=space.name, left_out=lambda: None, record=made)


def ablate(config: str | Path, out: str | Path | None = None, quiet: bool = True, **choices: Any) -> Ablation:
    """Run every combination of choices, as `langgeo ablate` does.

    Parameters
    ----------
    choices : lists of what each key may be: `quantizer=["median", "none"]`, `calibration={"tokens": [256, 512]}`

    Examples
    --------
    >>> import langgeo_core as lg
    >>> found = lg.ablate("mine.yaml", distance=["hamming", "jaccard"])
    >>> sorted({row["variant"] for row in found.rows})
    ['baseline', 'distance=jaccard']
    """
    from langgeo_ablation.api import ablate as run_variants

    words = [f"{key}={','.join(map(_written, value))}" for key, value in _lists_of(choices)]
    settings = {**SETTINGS, "quiet": quiet}
    draft = draft_of(settings, str(config), (), None)
    with _notices(quiet):
        findings, _, files = run_variants(settings, str(config), draft, words, Path(out) if out else None)
    return Ablation(tuple(findings.sentences), tuple(findings.rows), Path(files[0]).parent)


@contextmanager
def _notices(quiet: bool) -> Iterator[None]:
    """Unless quiet, show on stderr what components say of long work, such as the conversion of a model."""
    notices = logging.getLogger("langgeo.notice")
    handlers, level = notices.handlers, notices.level
    if not quiet:
        show_notices()
    try:
        yield
    finally:
        notices.handlers = handlers
        notices.setLevel(level)


def overrides_of(choices: Mapping[str, Any]) -> Iterator[str]:
    """Choices as the command line writes them.

    Examples
    --------
    >>> list(overrides_of({"scorer": "wanda", "languages": ["deu", "eng"], "calibration": {"tokens": 512}}))
    ['scorer=wanda', 'languages=["deu", "eng"]', 'calibration.tokens=512']
    """
    for key, value in choices.items():
        if isinstance(value, Mapping) and "name" not in value:
            yield from (f"{key}.{inner}" for inner in overrides_of(value))
        else:
            yield f"{key}={_written(value)}"


def _lists_of(choices: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    for key, value in choices.items():
        if isinstance(value, Mapping):
            yield from ((f"{key}.{inner}", found) for inner, found in _lists_of(value))
        else:
            yield key, list(value) if isinstance(value, list | tuple) else [value]


def _written(value: Any) -> str:
    """Text as it is, anything else as JSON, which YAML reads."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
