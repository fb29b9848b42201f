"""Figures for papers, drawn by matplotlib without pyplot's global state."""
