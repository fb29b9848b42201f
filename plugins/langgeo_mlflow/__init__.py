"""Runs and the variants of ablations as tracked runs of MLflow."""

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_exporters() -> Iterator[records.Exporter]:
    """Register `mlflow`."""
    yield records.Exporter(
        "mlflow",
        "The run as a tracked run of MLflow: parameters, headline figures, files.",
        "langgeo_mlflow.exporter:MlflowExporter",
        "langgeo_mlflow.exporter:MlflowOptions",
        requires=("mlflow-skinny",),
        install='"langgeo[mlflow]"',
        source="https://mlflow.org",
    )
