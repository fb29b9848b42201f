"""From where on nothing is concluded: what every part of the report and other plugins agree on."""

DROWNED = 0.5
"""From this share of language pairs below the noise floor, agreement is not evidence."""
FEW = 30
"""Fewer languages than this are too few for conclusions."""
