"""Ablations: the product of choices over one shared calibration, and what of the differences is real."""
