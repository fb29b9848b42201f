"""What other plugins may use: agreement with classes of the languages, for evaluators that have classes."""

from langgeo_labels.agreement import neighbour_agreement, neighbour_weights, silhouette
from langgeo_labels.level_metrics import Question, Sample, labelled, metrics_of_levels, values_of_levels
from langgeo_labels.near_duplicates import path_to_language

__all__ = [
    "Question",
    "Sample",
    "labelled",
    "metrics_of_levels",
    "neighbour_agreement",
    "neighbour_weights",
    "path_to_language",
    "silhouette",
    "values_of_levels",
]
