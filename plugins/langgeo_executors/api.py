"""What other plugins may import: executors that need no more than somewhere to submit work, and work for them."""

from langgeo_executors.items import Item as Item, pack as pack
from langgeo_executors.worker import answered as answered, arrive as arrive
from langgeo_executors.workers import Here as Here, Pool as Pool, Workers as Workers, hand_out as hand_out
