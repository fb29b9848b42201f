"""What evaluators, of other distributions too, may use: nulls, intervals, tests and corrections."""

from langgeo_inference.inference import (
    DROWNED as DROWNED,
    FEW as FEW,
    FEWEST as FEWEST,
    NORMAL_95 as NORMAL_95,
    TINY as TINY,
    Difference as Difference,
    Figure as Figure,
    Null as Null,
    Question as Question,
    ResamplingOptions as ResamplingOptions,
    compare_with_null as compare_with_null,
    draw_halves as draw_halves,
    half_error as half_error,
    half_interval as half_interval,
    holm as holm,
    metrics_of as metrics_of,
    p_text as p_text,
    paired_difference as paired_difference,
    shuffles as shuffles,
    values_on_subsets as values_on_subsets,
)
