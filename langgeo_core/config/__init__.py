"""Configs: YAML read as text, overrides, and the typed, located build of what a run uses."""
