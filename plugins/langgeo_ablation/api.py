"""What other plugins may use: an ablation."""

from langgeo_ablation.command import ablate as ablate
from langgeo_ablation.output import Findings as Findings
