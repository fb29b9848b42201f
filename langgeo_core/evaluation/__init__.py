"""From distances to figures."""
