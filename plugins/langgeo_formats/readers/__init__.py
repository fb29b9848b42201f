"""Distance matrices of other makers: their layouts, their names of languages, what is wrong with them."""
