"""The statistics that evaluators share; a library, without components."""
