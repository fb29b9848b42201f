"""From statistics to distances."""
