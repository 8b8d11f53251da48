"""Decisions that were published, their words, and what followed."""

from marshmallow import fields, validate

from miniapp_api.schemas.base import Closed
from models.decisions import execution, validity
from models.decisions.decision import CaseStage, Kind
from models.decisions.evaluation import Result

FORCES = tuple(dict.fromkeys([*(f.value for f in execution.Force), *(f.value for f in validity.Force)]))


class DecisionLine(Closed):
    """A decision as a line of a list."""

    id = fields.String(required=True, metadata={"description": "The case's id, the same from the first idea on."})
    title = fields.String(required=True)
    number = fields.String(required=True, metadata={"description": "The number it was published under."})
    kind = fields.String(required=True, validate=validate.OneOf([k.value for k in Kind]))
    kind_label = fields.String(required=True)
    stage = fields.String(required=True, validate=validate.OneOf([s.value for s in CaseStage]))
    stage_label = fields.String(required=True, metadata={"description": "In Chinese: 已公布, 已归档."})
    force = fields.String(required=True, validate=validate.OneOf(FORCES))
    force_label = fields.String(required=True, metadata={"description": "In Chinese: 执行中, 中止执行, 有效, 失效 …"})
    decided_on = fields.Date(required=True)
    published_on = fields.Date(required=True)
    effective_on = fields.Date(required=True, metadata={"description": "The first day on which it holds."})
    valid_until = fields.Date(
        required=True, allow_none=True, metadata={"description": "The last day of a normative document; else empty."}
    )


class DecidedClause(Closed):
    """One piece of the decided words; what the secrecy check keeps back has its label and no text."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    label = fields.String(required=True)
    heading = fields.String(required=True)
    level = fields.Integer(required=True)
    text = fields.String(required=True)
    withheld = fields.Boolean(required=True)


class AskedAbout(Closed):
    """A consultation of the same case: GET /consultations/{id}, and GET /reports/{report} once there is one."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    number = fields.String(required=True)
    report = fields.String(required=True, allow_none=True)


class ConcludedEvaluation(Closed):
    """How it did, and what follows."""

    concluded_on = fields.Date(required=True)
    assessor = fields.String(required=True)
    heard = fields.Integer(required=True, metadata={"description": "How many remarks of the public were before it."})
    result = fields.String(required=True, validate=validate.OneOf([r.value for r in Result]))
    result_label = fields.String(required=True)
    findings = fields.String(required=True)


class AdjustedBy(Closed):
    """A later decision that changes this one."""

    id = fields.String(required=True)
    title = fields.String(required=True)


class Decision(DecisionLine):
    """A decision whole."""

    decided_by = fields.String(required=True, metadata={"description": "The meeting, or who approved an ordinary one."})
    unit = fields.String(required=True)
    carried_out_by = fields.List(fields.String(), required=True)
    stopped_reason = fields.String(required=True, metadata={"description": "Why it is suspended or ended; else empty."})
    basis = fields.String(required=True)
    explanation = fields.String(required=True)
    clauses = fields.List(fields.Nested(DecidedClause), required=True)
    consultations = fields.List(fields.Nested(AskedAbout), required=True)
    evaluations = fields.List(fields.Nested(ConcludedEvaluation), required=True)
    adjusted_by = fields.List(fields.Nested(AdjustedBy), required=True)
