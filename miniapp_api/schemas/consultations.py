"""Consultations, their clauses, and what was released of what people said."""

from marshmallow import fields

from miniapp_api.schemas.base import Choice, Closed, PageQuery

STATES = ("open", "closed", "released", "cancelled")
OUTCOMES = ("adopted", "partly_adopted", "not_adopted", "other")


class ConsultationQuery(PageQuery):
    """Which consultations."""

    state = Choice(STATES, load_default=None, metadata={"description": "All published ones when left out."})


class ConsultationLine(Closed):
    """A consultation as a line of a list."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    number = fields.String(required=True)
    summary = fields.String(required=True)
    whom = fields.String(required=True)
    state = Choice(STATES, required=True)
    opens_on = fields.Date(required=True)
    closes_on = fields.Date(required=True, metadata={"description": "The last day, to 24:00 in Beijing."})
    answer_due_on = fields.Date(required=True)
    days_left = fields.Integer(required=True, metadata={"description": "0 on the last day; negative after it."})
    released_at = fields.AwareDateTime(required=True, allow_none=True)
    people = fields.Integer(required=True)
    texts = fields.Integer(required=True)
    points = fields.Integer(required=True)


class Clause(Closed):
    """One piece of the draft, in its own words; titles and chapter lines cannot be commented on alone."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    label = fields.String(required=True)
    heading = fields.String(required=True)
    level = fields.Integer(required=True)
    text = fields.String(required=True)
    speakable = fields.Boolean(required=True)


class Contact(Closed):
    """Whom to ask."""

    unit = fields.String(required=True)
    phone = fields.String(required=True)
    email = fields.String(required=True)
    address = fields.String(required=True)


class Way(Closed):
    """A way to speak: a channel with its telephone number or address, where it has one."""

    channel = fields.String(required=True)
    label = fields.String(required=True)
    where = fields.String(required=True)


class Words(Closed):
    """Somebody's own words, shown before the release where the office's rules allow it."""

    serial = fields.String(required=True)
    about = fields.String(required=True)
    text = fields.String(required=True)
    name = fields.String(required=True)


class Explanation(Closed):
    """The four parts that a notice has to explain."""

    purpose = fields.String(required=True)
    basis = fields.String(required=True)
    content = fields.String(required=True)
    impact = fields.String(required=True)


class Extension(Closed):
    """More time, and why."""

    closes_on = fields.Date(required=True)
    reason = fields.String(required=True)


class Correction(Closed):
    """What was put right on the notice."""

    remark = fields.String(required=True)
    made_at = fields.AwareDateTime(required=True)


class Consultation(ConsultationLine):
    """A consultation whole: notice, draft, contact, and what was changed since it was published."""

    short_reason = fields.String(required=True, metadata={"description": "Why the window is shorter than usual."})
    cancelled_reason = fields.String(required=True)
    channels = fields.List(fields.String(), required=True)
    ways = fields.List(fields.Nested(Way), required=True)
    names_wanted = fields.Boolean(required=True, metadata={"description": "Whether a person has to leave a name."})
    shown = fields.List(fields.Nested(Words), required=True)
    privacy_version = fields.String(
        required=True, metadata={"description": "The privacy text that it was published with."}
    )
    explanation = fields.Nested(Explanation, required=True)
    contact = fields.Nested(Contact, required=True)
    extensions = fields.List(fields.Nested(Extension), required=True)
    corrections = fields.List(fields.Nested(Correction), required=True)
    clauses = fields.List(fields.Nested(Clause), required=True)


class After(Closed):
    """What followed a released answer, which itself stays: a correction with outcome and note, or a supplement."""

    kind = Choice(("correction", "supplement"), required=True)
    outcome = Choice(OUTCOMES, required=True, allow_none=True)
    text = fields.String(required=True)
    note = fields.String(required=True)
    number = fields.String(required=True)
    released_at = fields.AwareDateTime(required=True)


class ReleasedPoint(Closed):
    """A point with its answer as the report prints it: the officer's gist always, the person's words by consent."""

    id = fields.String(required=True)
    serial = fields.String(required=True)
    clause = fields.String(required=True)
    gist = fields.String(required=True)
    outcome = Choice(OUTCOMES, required=True)
    outcome_label = fields.String(required=True)
    reason = fields.String(required=True)
    text = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)
    before = fields.String(required=True, allow_none=True)
    after = fields.String(required=True, allow_none=True)
    later = fields.List(fields.Nested(After), required=True)
