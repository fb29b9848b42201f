"""Where cells are calibrated: in the run's own process, by dask's workers, or by jobs of Slurm."""

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_executors() -> Iterator[records.Executor]:
    """Register `local`, `dask` and `slurm`."""
    yield records.Executor("local", "The run's own process.", "langgeo_executors.local:Local")
    yield records.Executor(
        "dask",
        "Workers of dask: started on this machine, or those of a scheduler anywhere.",
        "langgeo_executors.dask_workers:Dask",
        options="langgeo_executors.options:DaskOptions",
        requires=("distributed",),
        install='"langgeo[dask]"',
        source="https://distributed.dask.org",
    )
    yield records.Executor(
        "slurm",
        "Jobs of Slurm, or of the same kind on this machine.",
        "langgeo_executors.slurm_jobs:Slurm",
        options="langgeo_executors.options:SlurmOptions",
        requires=("submitit",),
        install='"langgeo[slurm]"',
        source="https://github.com/facebookincubator/submitit",
    )


@hookimpl
def langgeo_commands() -> Iterator[records.Command]:
    """Register `calibrate` and `status`."""
    yield records.Command(
        "calibrate", "Fill the cells of a config, or a share of them.", "langgeo_executors.commands:calibrate_command"
    )
    yield records.Command(
        "status", "How far the calibration of a run or config is.", "langgeo_executors.commands:status_command"
    )
