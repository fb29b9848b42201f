"""`geojson` and `graphml`: languages as places on a map, and as a network of neighbours."""

from __future__ import annotations

import json
from io import BytesIO

import numpy as np
from pydantic import Field, PositiveInt

from langgeo_core.api import Language, Run
from langgeo_formats.exporting import Format, FormatOptions


class GraphmlOptions(FormatOptions):
    """Which edges the network has."""

    neighbours: PositiveInt = Field(3, description="Edges from each language to so many nearest ones.")


class GeojsonExporter(Format):
    """`exports/languages.geojson`."""

    file = "languages.geojson"

    def text(self, run: Run, names: list[str]) -> str:
        """A point for each language; one without known coordinates has no geometry, as the format allows."""
        nearest = _nearest(run, 1)
        features = []
        for language, label in zip(run.languages, names, strict=True):
            about: dict[str, object] = {"label": label, **_about(language)}
            for other, distance in nearest[language.id]:
                about |= {"nearest": other, "nearest_distance": distance}
            place = {"type": "Feature", "id": language.id, "geometry": _point(language)}
            features.append({**place, "properties": about})
        return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, indent=1) + "\n"


class GraphmlExporter(Format):
    """`exports/neighbours.graphml`."""

    file = "neighbours.graphml"

    def text(self, run: Run, names: list[str]) -> str:
        """An undirected graph: edges to the nearest languages, and those of the minimum spanning tree marked so."""
        import networkx as nx

        options = self._options
        assert isinstance(options, GraphmlOptions)
        values, ids = run.distances.values, run.distances.ids
        whole = nx.Graph()
        for language, label in zip(run.languages, names, strict=True):
            place = {"latitude": language.latitude, "longitude": language.longitude}
            about = {key: value for key, value in {**_about(language), **place}.items() if value is not None}
            whole.add_node(language.id, label=label, **about)
        rows, columns = np.triu_indices(len(ids), 1)
        known = ~np.isnan(values[rows, columns])
        whole.add_weighted_edges_from(
            (ids[row], ids[column], float(values[row, column]))
            for row, column in zip(rows[known], columns[known], strict=True)
        )
        spanning = {frozenset(edge) for edge in nx.minimum_spanning_edges(whole, data=False)}
        nearest = _nearest(run, options.neighbours)
        near = {frozenset((one, other)) for one, found in nearest.items() for other, _ in found}
        graph = nx.Graph()
        graph.add_nodes_from(whole.nodes(data=True))
        for one, other, distance in whole.edges(data="weight"):
            if (edge := frozenset((one, other))) in near | spanning:
                graph.add_edge(one, other, distance=distance, spanning=edge in spanning, nearest=edge in near)
        out = BytesIO()
        nx.write_graphml(graph, out)
        return out.getvalue().decode() + "\n"


def _about(language: Language) -> dict[str, str]:
    facts = ("name", "glottocode", "family", "branch", "script")
    return {fact: getattr(language, fact) for fact in facts}


def _point(language: Language) -> dict[str, object] | None:
    if language.latitude is None or language.longitude is None:
        return None
    return {"type": "Point", "coordinates": [language.longitude, language.latitude]}


def _nearest(run: Run, count: int) -> dict[str, list[tuple[str, float]]]:
    """The nearest languages of each with their distances, without missing pairs."""
    values, ids = run.distances.values.copy(), run.distances.ids
    np.fill_diagonal(values, np.nan)
    order = np.argsort(values, axis=1, kind="stable")[:, :count]
    return {
        ids[row]: [(ids[other], float(values[row, other])) for other in others if not np.isnan(values[row, other])]
        for row, others in enumerate(order)
    }
