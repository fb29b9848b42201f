"""The order of the stages, and what a run records."""
