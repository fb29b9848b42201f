"""How far distances can be trusted: two halves of each text, several models and corpora, other matrices."""
