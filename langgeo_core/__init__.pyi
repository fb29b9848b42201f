# What entry points of the group `langgeo.python` offer, for type checkers and editors; a test keeps it complete.
from langgeo_atlas.api import (
    LanguageSpace as LanguageSpace,
    ablate as ablate,
    compare as compare,
    evaluate as evaluate,
    load_run as load_run,
    run as run,
    space as space,
    spaces as spaces,
)
from langgeo_atlas.estimators import SpaceClusterer as SpaceClusterer, SpaceTransformer as SpaceTransformer
