"""What other plugins may import: executors that need no more than somewhere to submit work."""

from langgeo_executors.items import Pool as Pool, Workers as Workers
