"""From entry points to components."""
