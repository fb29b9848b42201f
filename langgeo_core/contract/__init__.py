"""What plugins and the core promise each other."""
