"""The case goes to the justice office for its legal review, when everything that comes before it is done."""

from models.decisions.decision import CaseStage, Decision
from models.decisions.legal_review import LegalReview, ReviewStage, review_of
from models.kernel.lifecycle import act, ruled
from models.kernel.refusal import OutOfTurn
from models.kernel.trail import note
from models.people.officer import Officer


@act(
    CaseStage.STARTED,
    by=ruled("decision.send_to_review"),
    needs="decision.send_to_review",
    label="送合法性审查",
    say="送合法性审查，第{round}轮",
    primary=True,
    of=Decision,
)
def send_to_review(decision: Decision, officer: Officer) -> LegalReview:
    """The prepared papers are sent; what was asked for before it cannot be replaced by asking opinions (条例第二十五条)."""
    review = review_of(decision)
    if review is None or review.stage != ReviewStage.PREPARED:
        raise OutOfTurn("合法性审查已经在进行，或者还没有准备送审材料。请刷新页面看看最新情况。")
    review.send(officer)
    note(round=review.round)
    return review
