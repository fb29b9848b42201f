"""The page's interactive figures, as plain plotly.js dictionaries: building them imports no plotly."""
