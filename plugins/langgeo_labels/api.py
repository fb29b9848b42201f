"""What other plugins may use: agreement with classes of the languages, for evaluators that have classes."""

from langgeo_labels.agreement import silhouette
from langgeo_labels.level_metrics import Sample, labelled, metrics_of_levels, values_of_levels
from langgeo_labels.near_duplicates import path_to_language
from langgeo_labels.retrieval import neighbour_agreement
from langgeo_labels.scripts import note_what_scripts_leave_out

__all__ = [
    "Sample",
    "labelled",
    "metrics_of_levels",
    "neighbour_agreement",
    "note_what_scripts_leave_out",
    "path_to_language",
    "silhouette",
    "values_of_levels",
]
