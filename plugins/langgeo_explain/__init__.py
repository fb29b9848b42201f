"""Which weight matrices set two languages of a run apart."""
