"""`python -m langgeo_core` is `langgeo`."""

from langgeo_core.cli import main

if __name__ == "__main__":
    main()
