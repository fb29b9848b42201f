"""Ids and names of languages."""
