"""What other plugins may use: the samples of text in the cache."""

from langgeo_datasets.sampling import kept_samples as kept_samples
