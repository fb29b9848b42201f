"""Calibration: what each language's text does to the inputs of a model's linear layers."""
