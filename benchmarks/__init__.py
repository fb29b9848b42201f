"""How fast and how frugal langgeo is against the plain way, measured side by side: `python -m benchmarks`."""
