"""What Python users and other plugins may import."""

from langgeo_atlas.comparing import SpaceComparison as SpaceComparison, as_space as as_space, compare as compare
from langgeo_atlas.packaged import space as space, spaces as spaces
from langgeo_atlas.python import Ablation as Ablation, ablate as ablate, evaluate as evaluate, run as run
from langgeo_atlas.space import (
    LanguageSpace as LanguageSpace,
    Neighbour as Neighbour,
    load_run as load_run,
)
