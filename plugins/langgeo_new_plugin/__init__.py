"""Writes the package of a new plugin: it installs, lists, runs and passes its tests at once."""
