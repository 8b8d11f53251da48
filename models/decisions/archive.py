"""Archiving: the file is complete, it is closed and sealed as volume one; what comes later goes into supplements (条例第三十三条)."""

from models.decisions.decision import CaseStage, Decision
from models.decisions.road import Going, Standing, station
from models.decisions.volume import Packing, Purpose, volumes
from models.kernel.clock import local, today
from models.kernel.installation import Installation
from models.kernel.lifecycle import act, ruled, step
from models.kernel.numbering import Numbering, document_number
from models.kernel.refusal import OutOfTurn
from models.kernel.trail import note
from models.people.officer import Officer


@step(
    CaseStage.PUBLISHED,
    to=CaseStage.ARCHIVED,
    by=ruled("decision.archive"),
    needs="decision.archive",
    label="归档",
    say="归档，档号{number}",
    of=Decision,
)
def archive(decision: Decision, officer: Officer) -> Packing:
    """Closed for good, and sealed."""
    return _close(decision, officer)


@act(
    CaseStage.ENDED,
    by=ruled("decision.archive"),
    label="归档",
    say="不再办理，归档，档号{number}",
    of=Decision,
)
def archive_ended(decision: Decision, officer: Officer) -> Packing:
    """A case that goes no further has a file too: what was gathered, and why it ended."""
    if decision.archived_on is not None:
        raise OutOfTurn("这个案卷已经归档了。")
    return _close(decision, officer)


def _close(decision: Decision, officer: Officer) -> Packing:
    year = today().year
    number = document_number(Installation.here().office_short, "档", year, Numbering.next("档", year))
    decision.archived_on = today()
    note(number=number)
    return Packing.ask(officer, decision, Purpose.VOLUME, number)


@station("archive")
def _archived(decision: Decision) -> Standing | None:
    """Closed and sealed, ready for it, or still to come."""
    if decision.archived_on is not None:
        sealed = volumes(decision)
        if not sealed:
            return Standing(Going.NOW, "档案员", decision.archived_on, says="已归档，第1卷正在封存。")
        last = sealed[-1]
        more = f"，补充卷 {len(sealed) - 1} 个" if len(sealed) > 1 else ""
        return Standing(
            Going.DONE,
            last.officer.name if last.officer else "",
            local(sealed[0].made_at).date(),
            None,
            f"{sealed[0].number}{more}",
        )
    if decision.stage == CaseStage.ENDED:
        return Standing(Going.NOW, "档案员", says="不再办理的也要归档，还没有归档。")
    if decision.stage != CaseStage.PUBLISHED:
        return Standing(Going.WAIT, "档案员", says="公布以后归档。")
    return Standing(Going.WAIT, "档案员", says="公布了，等着归档。")
