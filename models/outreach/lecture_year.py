"""A year of lectures, village by village: how many, in how many places, for how many people; those without any stand there too."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.kernel.clock import local
from models.outreach.attendee import Turnout, people_of, turnouts
from models.outreach.lecture import Lecture, LectureStage, of_year
from models.people.place import Place, villages


@dataclass(frozen=True)
class Line:
    """One village's year, or the whole street's own lectures."""

    place: Place | None
    name: str
    held: int
    """Lectures whose people were counted."""
    uncounted: int
    """Over, and nobody has counted yet."""
    coming: int
    cancelled: int
    venues: int
    """Different rooms."""
    signed: int
    came: int
    heads: int
    """The sum over the lectures: whoever came twice counts twice."""
    people: int
    """Different people among those who were checked in."""


@dataclass(frozen=True)
class Year:
    """All of it."""

    year: int
    lines: list[Line]
    whole: Line
    months: list[tuple[int, int, int]]
    """Month, lectures held, people counted."""
    lectures: Sequence[Lecture]
    turnouts: dict[int, Turnout]


def lecture_year(year: int) -> Year:
    """Counted anew each time it is asked for."""
    every = of_year(year)
    counted = turnouts(every)
    lines = [
        _line(place.name, [one for one in every if one.place_id == place.id], counted, place) for place in villages()
    ]
    known = {line.place.id for line in lines if line.place}
    rest = [one for one in every if one.place_id not in known]
    if rest:
        lines.append(_line("全街道", rest, counted))
    months = []
    for month in range(1, 13):
        held = [one for one in every if one.stage == LectureStage.HELD and local(one.starts_at).month == month]
        months.append((month, len(held), sum(one.heads or 0 for one in held)))
    return Year(year, lines, _line("合计", every, counted), months, every, counted)


def _line(name: str, every: Sequence[Lecture], counted: dict[int, Turnout], place: Place | None = None) -> Line:
    held = [one for one in every if one.stage == LectureStage.HELD]
    over = [one for one in every if one.is_over]
    return Line(
        place=place,
        name=name,
        held=len(held),
        uncounted=len(over),
        coming=sum(1 for one in every if one.stage == LectureStage.ANNOUNCED and not one.is_over),
        cancelled=sum(1 for one in every if one.stage == LectureStage.CANCELLED),
        venues=len({(one.place_id, one.venue) for one in held}),
        signed=sum(counted[one.id].signed for one in [*held, *over]),
        came=sum(counted[one.id].came for one in [*held, *over]),
        heads=sum(one.heads or 0 for one in held),
        people=people_of([*held, *over]),
    )
