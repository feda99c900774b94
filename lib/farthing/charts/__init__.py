"""Charts that more than one notebook draws: pure functions from a frame to an Altair chart, a module a family.

Colours are Okabe and Ito's, which stay apart for every common kind of colour blindness; what is drawn suits a light
page and a dark one. A chart that can be clicked has the selection :data:`PICK` over the fields that tell a mark.
Channels are given as objects: Altair looks through its whole schema to read one from a text.
"""

from farthing.charts.bars import REST, REST_COLOUR, fold_rest, largest, ranked_bars, stacked_bars
from farthing.charts.calendars import HEAT, heat_map
from farthing.charts.fans import fan
from farthing.charts.lines import lines, price_steps
from farthing.charts.style import PALETTE, PICK, styled
from farthing.charts.trees import squarify, tree_map

__all__ = [
    "HEAT",
    "PALETTE",
    "PICK",
    "REST",
    "REST_COLOUR",
    "fan",
    "fold_rest",
    "heat_map",
    "largest",
    "lines",
    "price_steps",
    "ranked_bars",
    "squarify",
    "stacked_bars",
    "styled",
    "tree_map",
]
