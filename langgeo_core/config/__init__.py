"""Configs: YAML read as text, overrides, and the typed, located build of what a run uses.

The parts are imported by name (`langgeo_core.config.load` and so on), so that the catalog can use the reader alone.
"""
