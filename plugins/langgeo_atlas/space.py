"""Languages in a space: distances with their intervals, neighbours, points, trees, classes."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from langgeo_atlas.intervals import half_width, left_out_of
from langgeo_core.api import DistanceMatrix, Language, MissingPackageError, Run, UserError, build_component
from langgeo_formats.api import find_language
from langgeo_inference.api import DROWNED

if TYPE_CHECKING:
    import pandas as pd

notice = logging.getLogger("langgeo.notice")

Float64 = NDArray[np.float64]
TREES = ("nj", "upgma", "ward")


class Neighbour(NamedTuple):
    """A language near another.

    `low` and `high` are the 95 % interval of the distance over the choice of text, None where the space has no
    replicates. `apart` compares it with the nearest language: True if it is farther by more than the choice of text
    explains, False if other text of the same kind might have put it first. It is None for the nearest language itself,
    which there is nothing to compare with, and without replicates.

    >>> lg.space("best").neighbours("Danish", 2)[0]
    Neighbour(language='nob', name='Norwegian Bokmål', distance=0.05..., apart=None: the nearest)
    """

    language: str
    name: str
    distance: float
    low: float | None
    high: float | None
    apart: bool | None

    def __repr__(self) -> str:
        numbers = (self.distance, self.low, self.high)
        distance, low, high = ("None" if one is None else f"{one:.4g}" for one in numbers)
        first = "the nearest" if self.low is not None else "no replicates"
        meaning = {True: "farther than the nearest", False: "with other text perhaps the nearest", None: first}
        return (
            f"Neighbour(language={self.language!r}, name={self.name!r}, distance={distance}, low={low}, high={high}, "
            f"apart={self.apart}: {meaning[self.apart]})"
        )


@dataclass(frozen=True, eq=False)
class LanguageSpace:
    """Languages, the distances between them, their points and their classes.

    Languages are named by id, code or English name wherever one is asked for.

    Parameters
    ----------
    languages : in the order of `distances`
    distances : DistanceMatrix
    coordinates : (languages, axes) float64
    labels : the class of each language per level, such as `labels["branch"]["deu"]`
    name : of the run or packaged space
    rows : the figures of the space, a dictionary for each
    left_out : gives (R, languages, languages) float64, the distances from all replicates of the texts but one (see
        `Replicates.without`), or None where there are no three replicates
    record : what made it, as run.json has that: versions, models, texts, components; empty where this is not known

    Examples
    --------
    >>> import langgeo_core as lg
    >>> best = lg.space("best")
    >>> best
    LanguageSpace('best': 438 languages, distances ..., 8 replicates)
    >>> best.nearest("Yoruba", 2)
    [('lns', 0.49...), ('dyu', 0.55...)]
    >>> import numpy as np
    >>> np.asarray(best).shape
    (438, 438)
    """

    languages: tuple[Language, ...]
    distances: DistanceMatrix
    coordinates: Float64
    labels: dict[str, dict[str, str | None]]
    name: str = ""
    about: str = ""
    rows: Sequence[Mapping[str, Any]] = ()
    left_out: Callable[[], Float64 | None] = field(default=lambda: None, repr=False)
    record: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def ids(self) -> tuple[str, ...]:
        """The language ids.

        >>> lg.space("best").subset(["Dutch", "German"]).ids
        ('nld', 'deu')
        """
        return self.distances.ids

    @property
    def names(self) -> tuple[str, ...]:
        """The English names, in the order of `ids`.

        >>> lg.space("best").subset(["nld", "deu"]).names
        ('Dutch', 'German')
        """
        return tuple(language.name or language.id for language in self.languages)

    def id_of(self, language: str) -> str:
        """The id of a language of the space; raises UserError if there is none, or it is not in the space.

        >>> lg.space("best").id_of("German")
        'deu'
        """
        return self.ids[self._row(language)]

    def distance(self, first: str, second: str) -> float:
        """The distance of two languages; NaN where it is missing.

        >>> round(lg.space("best").distance("German", "nl"), 3)
        0.219
        """
        return float(self.distances.values[self._row(first), self._row(second)])

    def interval(self, first: str, second: str) -> tuple[float, float] | None:
        """95 % interval of a distance over the choice of text, from the jackknife over replicates of the texts.

        The error is that of the mean over replicates (Tukey 1958), with R − 1 degrees of freedom, as a share of the
        distance. None where the space has no replicates.

        >>> low, high = lg.space("best").interval("German", "Dutch")
        >>> low < lg.space("best").distance("German", "Dutch") < high
        True
        """
        one, other = self._row(first), self._row(second)
        distance = float(self.distances.values[one, other])
        if self._relative is None or one == other or np.isnan(distance):
            return None
        wide = half_width(self._relative[:, one, other]) * distance
        return max(0.0, distance - wide), distance + wide

    def nearest(self, language: str, count: int = 5) -> list[tuple[str, float]]:
        """The nearest languages with their distances, the nearest first; missing pairs are left out.

        >>> [language for language, distance in lg.space("best").nearest("Danish", 2)]
        ['nob', 'swe']
        """
        row = self._row(language)
        distances = self.distances.values[row]
        order = [index for index in np.argsort(distances, kind="stable") if index != row]
        known = [index for index in order if not np.isnan(distances[index])]
        return [(self.ids[index], float(distances[index])) for index in known[:count]]

    def neighbours(self, language: str, count: int = 5) -> list[Neighbour]:
        """As `nearest`, with names, intervals, and whether each is told apart from the first, the nearest one.

        Two distances are told apart if their difference exceeds its own jackknife error as a 95 % interval would: both
        are of the same language, so that what its text does to both cancels out.

        >>> first, second = lg.space("best").neighbours("Danish", 2)
        >>> second.name, second.apart, second.low < second.distance < second.high
        ('Swedish', True, True)
        """
        row, found = self._row(language), list[Neighbour]()
        for identifier, distance in self.nearest(language, count):
            low, high = self.interval(language, identifier) or (None, None)
            apart = self._apart(row, self._row(found[0].language), self._row(identifier)) if found else None
            name = self.names[self._row(identifier)]
            found.append(Neighbour(identifier, name, distance, low, high, apart))
        return found

    def subset(self, languages: str | Iterable[str]) -> LanguageSpace:
        """The same space over fewer languages, given by name, or all of a group.

        A group is a class of any level, or a group of Glottolog's tree by its name or glottocode, in any capitals:
        `subset(["Germanic", "narrow bantu", "slav1255", "Finnish"])`. Coordinates are kept as they are. It is called
        after the space and up to three of the words.

        >>> lg.space("best").subset(["Albanian", "Greek"]).names
        ('Northern Tosk Albanian', 'Modern Greek')
        >>> len(lg.space("best").subset("North Germanic"))
        6
        """
        from langgeo_atlas.groups import reading, rows_named

        words = [languages] if isinstance(languages, str) else list(languages)
        found = [rows_named(word, self.languages, self.ids, self.labels, self._row) for word in words]
        for word, of_word in zip(words, found, strict=True):
            if told := reading(word, [self.languages[row] for row in of_word]):
                notice.info(told)
        rows = list(dict.fromkeys(row for of_word in found for row in of_word))
        chosen = [self.ids[row] for row in rows]
        which = "-".join(words) if len(words) <= 3 else f"{len(rows)}-languages"
        return replace(
            self,
            name=slug(f"{self.name}-{which}") if len(rows) < len(self) else self.name,
            languages=tuple(self.languages[row] for row in rows),
            distances=self.distances.subset(chosen),
            coordinates=self.coordinates[rows],
            labels={level: {one: classes[one] for one in chosen} for level, classes in self.labels.items()},
            left_out=lambda: None if (left := self.left_out()) is None else left[np.ix_(range(len(left)), rows, rows)],
        )

    def to_frame(self, names: bool = False) -> pd.DataFrame:
        """(languages, languages) as a frame of pandas, with ids or English names on both axes.

        >>> frame = lg.space("best").subset(["German", "Dutch"]).to_frame(names=True)
        >>> float(frame.loc["German", "Dutch"].round(3))
        0.219
        """
        axis = list(self.names if names else self.ids)
        return needed_pandas().DataFrame(self.distances.values, index=axis, columns=axis)

    @property
    def metrics(self) -> pd.DataFrame:
        """The figures of the space, a row for each, with chance, spread and n; NaN where a column does not apply.

        >>> figures = lg.space("best").metrics.set_index(["level", "metric"])
        >>> round(float(figures.loc[("branch", "nn1"), "value"]), 2)
        0.79
        """
        pandas = needed_pandas()
        frame = pandas.DataFrame(list(self.rows)).replace("", None)
        for column in frame.columns:
            with suppress(ValueError):  # of a column of words
                frame[column] = pandas.to_numeric(frame[column])
        return frame

    def embedding(self, axes: int = 2) -> Float64:
        """(languages, axes) points whose distances are nearest to these by classical scaling (Torgerson 1952).

        >>> lg.space("best").embedding(3).shape
        (438, 3)
        """
        from langgeo_embedders.api import Torgerson, TorgersonOptions

        options = TorgersonOptions(transform="identity", axes=axes)
        points = Torgerson(options).embed(self.distances).coordinates
        return np.pad(points, [(0, 0), (0, axes - points.shape[1])])

    def tree(self, method: Literal["nj", "upgma", "ward"] = "nj") -> str:
        """A tree of the languages as Newick, its leaves named by id: neighbour joining, UPGMA or Ward's method.

        >>> lg.space("best").subset(["German", "Dutch", "Danish", "Swedish"]).tree("upgma")
        '((dan:...,swe:...):...,(deu:...,nld:...):...);'
        """
        from langgeo_statistics.api import neighbour_joining, upgma, ward

        if method not in TREES:
            raise UserError(f"there is no tree {method!r}", f"one of {', '.join(TREES)}")
        self.distances.require_complete(f"the tree {method}")
        build = dict(zip(TREES, (neighbour_joining, upgma, ward), strict=True))[method]
        return build(self.distances.values, self.ids).newick().strip()

    def plot(self, kind: Literal["map", "heatmap", "tree"] = "map", level: str = "family") -> Any:
        """A figure of matplotlib: the languages as points, as a matrix in the order of UPGMA, or as that tree.

        Colours and marks are classes of a level of `labels`.

        >>> figure = lg.space("best").subset(["Germanic"]).plot("tree")
        >>> figure.savefig("germanic.pdf")
        """
        from langgeo_atlas.plots import PLOTS

        if kind not in PLOTS:
            raise UserError(f"there is no plot {kind!r}", f"one of {', '.join(PLOTS)}")
        return PLOTS[kind](self, level)

    def export(
        self, format: str, path: str | Path | None = None, overwrite: bool = False, **options: Any
    ) -> list[Path]:
        """Write the space with an exporter, as `langgeo export` does, and return the files.

        Parameters
        ----------
        format : an exporter: `csv`, `phylip`, `nexus`, …; `langgeo list exporters` names them
        path : a file, or a folder, in which the file is called after the space; None for the current folder
        overwrite : whether other files of the same names are replaced
        options : of the exporter, such as `names="name"`

        >>> lg.space("best").subset(["Germanic"]).export("nexus", "germanic.nex", names="name")
        [...Path('germanic.nex')]
        """
        import langgeo_core
        from langgeo_formats.api import copied

        exporter = build_component("exporters", {"name": format, **options})
        with TemporaryDirectory() as scratch:
            folder = Path(scratch) / "run"
            langgeo_core.evaluate(self, folder, evaluators=[], baselines=[], clusterers=[], exporters=[])
            target = None if path is None else Path(path)
            return copied(exporter.export(Run(folder)), target, self.name or "distances", overwrite)

    def bibtex(self) -> str:
        """What to cite: langgeo, its method, Glottolog, and the models, texts and components that made the space.

        >>> [line for line in lg.space("best").bibtex().splitlines() if line.startswith("@")][:2]
        ['@software{langgeo,', '@inproceedings{shamrai2025,']
        """
        from langgeo_report.api import citations

        return citations(self.record).bibtex

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.distances.values, dtype=dtype)

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        replicates = "" if self._relative is None else f", {len(self._relative)} replicates"
        return f"LanguageSpace({self.name!r}: {len(self)} languages, {self._range}{replicates})"

    def _repr_html_(self) -> str:
        """For notebooks: what it is, its largest families and its first languages."""
        families = Counter(language.family or "no family" for language in self.languages)
        told = ", ".join(f"{escape(name)} {count}" for name, count in families.most_common(6))
        shown = self.subset(self.ids[:8])
        cells = ["".join(f"<td>{value:.3g}</td>" for value in row) for row in shown.distances.values]
        rows = "".join(f"<tr><th>{escape(name)}</th>{row}</tr>" for name, row in zip(shown.names, cells, strict=True))
        head = "".join(f"<th>{one}</th>" for one in shown.ids)
        more = f"<p>… and {len(self) - len(shown)} more</p>" if len(self) > len(shown) else ""
        title = f"<b>{escape(self.name)}</b>: {len(self)} languages, {self._range}. {told}."
        return f"<p>{title} {escape(self.about)}</p><table><tr><th></th>{head}</tr>{rows}</table>{more}"

    @property
    def _range(self) -> str:
        values = self.distances.values[np.triu_indices(len(self), 1)]
        if not np.isfinite(values).any():
            return "no distances"
        return f"distances {np.nanmin(values):.3g} to {np.nanmax(values):.3g}"

    @cached_property
    def _relative(self) -> Float64 | None:
        """(R, n, n) each distance without one replicate, as a share of its mean over all of these."""
        left = self.left_out()
        if left is None:
            return None
        mean = left.mean(axis=0)
        shares: Float64 = np.divide(left, mean, out=np.ones_like(left), where=mean > 0)
        return shares

    def without_each(self) -> list[DistanceMatrix]:
        """The space's distances, each changed as leaving out a replicate changes it; none without replicates.

        >>> len(lg.space("best").without_each()), len(lg.space("letters").without_each())
        (8, 0)
        """
        shares = () if self._relative is None else self._relative
        return [DistanceMatrix(self.ids, self.distances.values * share) for share in shares]

    def _apart(self, row: int, near: int, far: int) -> bool | None:
        if self._relative is None:
            return None
        both = self._relative[:, row, [near, far]] * self.distances.values[row, [near, far]]
        difference = both[:, 1] - both[:, 0]
        return bool(self.distances.values[row, far] - self.distances.values[row, near] > half_width(difference))

    def _row(self, language: str) -> int:
        if language in self.ids:
            return self.ids.index(language)
        among = [one for one in self.languages if language in one.lineage]
        try:
            if len(among) > 1 and language not in {one.glottocode for one in self.languages}:
                raise UserError(f"{language!r} is not a language id")
            identifier = find_language(language, self.ids).id
        except UserError as failure:
            from langgeo_atlas.groups import unknown

            raise unknown(language, self.languages, failure) from None
        try:
            return self.ids.index(identifier)
        except ValueError:
            relatives = self._relatives(identifier)
            shown = f"{', '.join(self.ids[:40])}{', …' if len(self) > 40 else ''}"
            told = (
                f"it has these relatives: {', '.join(relatives)}"
                if relatives
                else f"its {len(self)} languages: {shown}"
            )
            name = find_language(identifier).name
            raise UserError(f"{name} ({identifier}) is not in this space", told) from None

    def _relatives(self, identifier: str) -> list[str]:
        """Languages of the space that share the most of an absent one's lineage, at most eight."""
        lineage = find_language(identifier).lineage
        shared = {one.id: len({*one.lineage} & {*lineage}) for one in self.languages}
        most = max(shared.values(), default=0)
        near = [one for one in self.languages if shared[one.id] == most and most]
        return [f"{one.name} ({one.id})" for one in near[:8]]


def load_run(path: str | Path) -> LanguageSpace:
    """Read a run folder. The space is called as the folder is, since many runs are of one config.

    Examples
    --------
    >>> import langgeo_core as lg
    >>> mine = lg.load_run("runs/mine")
    >>> len(mine.nearest("German", 3)), mine.embedding(2).shape
    (3, (8, 2))

    Raises
    ------
    UserError
        If the folder is not a run, or the run has not finished.
    """
    run = Run(path)
    labels = {level: dict(zip(run.distances.ids, classes, strict=True)) for level, classes in run.labels.items()}
    rows = run.table("metrics.csv") if "metrics.csv" in run.files else []
    return LanguageSpace(
        run.languages,
        run.distances,
        run.embedding.coordinates,
        labels,
        name=run.path.resolve().name,
        about=f"The run in {run.path}.{lost_in_noise(rows)}",
        rows=rows,
        left_out=lambda: left_out_of(run),
        record=run.record,
    )


def lost_in_noise(rows: Iterable[Mapping[str, Any]]) -> str:
    """A sentence where most pairs of languages are no farther apart than replicates of one text; else empty."""
    for row in rows:
        own = row.get("source", "run") == "run" and row.get("metric") == "below_floor"
        if own and (share := float(row["value"])) >= DROWNED:
            pairs = f"{share:.0%} of the pairs are not significantly farther apart than replicates of one text"
            return f" {pairs}: these distances are no evidence."
    return ""


def slug(name: str) -> str:
    """A name as a file may be called."""
    return re.sub(r"[^\w-]+", "-", name).strip("-") or "space"


def needed_pandas() -> Any:
    """The library pandas; raises MissingPackageError with what to type."""
    try:
        import pandas as pd
    except ImportError as missing:
        raise MissingPackageError("pandas is not installed", 'type: pip install "langgeo[frames]"') from missing
    return pd
