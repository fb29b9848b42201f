"""What other plugins may use: classical scaling."""

from langgeo_embedders.options import TorgersonOptions as TorgersonOptions
from langgeo_embedders.torgerson import Torgerson as Torgerson
