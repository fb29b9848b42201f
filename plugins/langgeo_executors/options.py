"""Options of the executors."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from langgeo_core.api import Options

Texts = Annotated[
    PositiveInt | None,
    Field(
        description="Texts of a work item. Unset: by forecast, so many that an item takes some minutes and well above "
        "the time of loading the model, and so few that there are several for each worker; 8 where the forecast does "
        "not know the model.",
    ),
]


class DaskOptions(Options):
    """Options of `dask`."""

    address: str | None = Field(
        None, description="The scheduler, such as tcp://node1:8786. Unset: workers on this machine."
    )
    workers: PositiveInt = Field(
        2, description="Processes to start on this machine, with a processor thread each; of no effect with `address`."
    )
    texts: Texts = None
    resources: dict[str, PositiveFloat] = Field(
        default_factory=dict,
        description="What an item takes of the resources that workers were started with, such as {GPU: 1}.",
    )
    timeout: PositiveFloat = Field(
        30.0,
        description="How long to wait for the scheduler and its first worker.",
        json_schema_extra={"unit": "seconds"},
    )


class SlurmOptions(Options):
    """Options of `slurm`."""

    cluster: Literal["slurm", "local", "debug"] = Field(
        "slurm", description="slurm; local: processes on this machine; debug: the run's own process, without submitit."
    )
    jobs: PositiveInt = Field(16, description="Jobs at one time.")
    texts: Texts = None
    partition: str | None = Field(None, description="The partition. Unset: Slurm's default.")
    minutes: PositiveInt = Field(60, description="Time limit of a job.", json_schema_extra={"unit": "minutes"})
    gpus: int = Field(0, ge=0, description="Cards of a job (gres).")
    cpus: PositiveInt = Field(2, description="Processors of a job.")
    memory: PositiveFloat = Field(16.0, description="Memory of a job.", json_schema_extra={"unit": "GB"})
    setup: tuple[str, ...] = Field(
        (), description="Lines of shell before langgeo starts in a job, such as `module load python`."
    )
    more: dict[str, str] = Field(
        default_factory=dict, description="Other parameters of sbatch by their names, such as {account: me}."
    )
