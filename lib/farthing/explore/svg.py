"""Small drawings as inline SVG, for what Altair has no mark for, or where a page should not wait for Vega."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#9A9A9A")
_WIDTH, _NODE, _GAP, _MARGIN = 900.0, 14.0, 10.0, 250.0  # the longest category's name and an amount need it


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One flow of a Sankey diagram: into the middle from the left, or out of it to the right.

    :ivar name: where it comes from or goes to.
    :ivar size: how wide it is; above zero.
    :ivar text: the amount as people read it.
    :ivar url: what a click on it opens.
    """

    name: str
    size: float
    text: str
    url: str


def sparkline(values: Sequence[float], *, label: str) -> str:
    """Draw a line without axes.

    :param label: what it shows, for those who hear the page.
    """
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    points = [(number * 100 / (len(values) - 1), 28 - (value - low) / span * 26) for number, value in enumerate(values)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (
        f'<svg viewBox="0 0 100 30" preserveAspectRatio="none" role="img" aria-label="{escape(label)}">'
        f'<polygon points="0,30 {line} 100,30" fill="{PALETTE[4]}" fill-opacity="0.22"/>'
        f'<polyline points="{line}" fill="none" stroke="{PALETTE[0]}" stroke-width="1.6" '
        'vector-effect="non-scaling-stroke"/>'
        "</svg>"
    )


def sankey(comes: Sequence[Flow], goes: Sequence[Flow], *, middle: str, height: float = 440.0) -> str:
    """Draw what comes from the left through one middle to what goes at the right; each flow is a link.

    :param middle: what the middle is called.
    """
    total = max(sum(flow.size for flow in comes), sum(flow.size for flow in goes)) or 1.0
    room = height - _GAP * max(len(comes), len(goes), 1)
    scale = room / total
    middle_x = _WIDTH / 2 - _NODE / 2
    drawn = [
        *_side(comes, scale, height, x=_MARGIN, middle_x=middle_x, is_left=True),
        *_side(goes, scale, height, x=_WIDTH - _MARGIN - _NODE, middle_x=middle_x, is_left=False),
    ]
    top = (height - total * scale) / 2
    drawn.append(
        f'<rect x="{middle_x:.1f}" y="{top:.1f}" width="{_NODE}" height="{total * scale:.1f}" rx="3" '
        f'fill="{PALETTE[0]}"/>'
        f'<text x="{_WIDTH / 2:.1f}" y="{top - 8:.1f}" text-anchor="middle">{escape(middle)}</text>'
    )
    return (
        f'<div class="f-scroll" tabindex="0" role="group" aria-label="What comes and goes">'
        f'<svg class="f-flow" viewBox="0 -20 {_WIDTH:.0f} {height + 24:.0f}">'
        f"{''.join(drawn)}</svg></div>"
    )


def _side(flows: Sequence[Flow], scale: float, height: float, *, x: float, middle_x: float, is_left: bool) -> list[str]:
    used = sum(flow.size for flow in flows) * scale
    outer = (height - used - _GAP * (len(flows) - 1)) / 2
    inner = (height - used) / 2
    drawn = []
    for number, flow in enumerate(flows):
        thick = max(flow.size * scale, 1.0)
        colour = PALETTE[(number + (0 if is_left else 1)) % len(PALETTE)]
        begin, end = (x + _NODE, middle_x) if is_left else (x, middle_x + _NODE)
        bend = (begin + end) / 2
        text_x, anchor = (x - 8, "end") if is_left else (x + _NODE + 8, "start")
        drawn.append(
            f'<a href="{escape(flow.url)}" aria-label="{escape(flow.name)}: {escape(flow.text)}">'
            f'<path fill="{colour}" d="M{begin:.1f},{outer:.1f} C{bend:.1f},{outer:.1f} {bend:.1f},{inner:.1f} '
            f"{end:.1f},{inner:.1f} L{end:.1f},{inner + thick:.1f} C{bend:.1f},{inner + thick:.1f} "
            f'{bend:.1f},{outer + thick:.1f} {begin:.1f},{outer + thick:.1f} Z"/>'
            f'<rect x="{x:.1f}" y="{outer:.1f}" width="{_NODE}" height="{thick:.1f}" rx="3" fill="{colour}"/>'
            f'<text x="{text_x:.1f}" y="{outer + thick / 2 + 4:.1f}" text-anchor="{anchor}">'
            f"{escape(flow.name)} · {escape(flow.text)}</text></a>"
        )
        outer += thick + _GAP
        inner += thick
    return drawn
