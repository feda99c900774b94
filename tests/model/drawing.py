"""Examples drawn once, for tests that build many of them in one warehouse."""

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy


def draw_all[T](stories: SearchStrategy[T], *, count: int, seeded: int) -> list[T]:
    """Draw so many examples at least, always the same ones of a seed."""
    found: list[T] = []

    @seed(seeded)
    @settings(
        max_examples=count,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(stories)
    def draw(story: T) -> None:
        found.append(story)

    draw()
    assert len(found) >= count
    return found
