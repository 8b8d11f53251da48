"""What must never be changed or deleted is refused by the database itself, whoever asks."""

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text


@dataclass(frozen=True)
class Trigger:
    """One refusal of the database. `on` is DELETE, UPDATE or UPDATE OF columns; `when` limits it to some rows."""

    table: str
    on: str
    says: str
    when: str = ""

    @property
    def name(self) -> str:
        """guard_<table>_<what>."""
        what = self.on.split(" ")[0].lower() + ("_of" if " OF " in self.on else "") + ("_when" if self.when else "")
        return f"guard_{self.table}_{what}"

    @property
    def columns(self) -> set[str]:
        """The columns that it names."""
        of = self.on.partition(" OF ")[2]
        return {name.strip() for name in of.split(",") if of} | set(re.findall(r"\b(?:NEW|OLD)\.(\w+)", self.when))

    @property
    def body(self) -> str:
        """What PostgreSQL's function does."""
        return f" BEGIN RAISE EXCEPTION '{self.says}' USING ERRCODE = 'integrity_constraint_violation'; END "

    def ddl(self, dialect: str) -> list[str]:
        """The statements that install it; none where the engine knows no such deed."""
        if dialect == "sqlite":
            if self.on == "TRUNCATE":
                return []
            when = f" WHEN {self.when}" if self.when else ""
            return [
                f"CREATE TRIGGER {self.name} BEFORE {self.on} ON {self.table}{when} "
                f"BEGIN SELECT RAISE(ABORT, '{self.says}'); END"
            ]
        when = f" WHEN ({self.when.replace(' IS NOT ', ' IS DISTINCT FROM ')})" if self.when else ""
        return [
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $${self.body}$$",
            f"CREATE TRIGGER {self.name} BEFORE {self.on} ON {self.table} "
            f"FOR EACH {'STATEMENT' if self.on == 'TRUNCATE' else f'ROW{when}'} EXECUTE FUNCTION {self.name}()",
        ]


INSERT_ONLY = (
    "trace",
    "trace_link",
    "daily_head",
    "draft",
    "clause",
    "clause_revision",
    "extension",
    "correction",
    "supplement",
    "withdrawal",
    "answer_version",
    "release",
    "consent_text",
    "article_correction",
    "lecture_change",
    "force_change",
    "listing",
    "material",
    "need",
    "expert_opinion",
    "expert_answer",
    "review_return",
    "counsel_opinion",
    "clause_change",
    "change_point",
    "progress",
    "seat",
    "resolution",
    "party_report",
    "publication",
    "case_file",
    "said_there",
    "report_line",
    "report_wording",
    "report_entry",
    "text_check",
    "point_move",
    "template_use",
    "reminder",
    "stint",
    "voter",
    "ballot",
    "airing_log",
    "visit",
    "visit_told",
    "letter_export",
)
"""Rows that are written once."""

_COMMENT = (
    "public_id, consultation_id, clause_id, resident_id, place_id, channel, serial, kind, signers, sealed_text, "
    "sealed_organisation, show_text, show_name, received_at, entered_by_id, key, key_hash"
)

_TRIGGERS: tuple[Trigger, ...] = (
    *(Trigger(table, "UPDATE", f"{table} is insert-only") for table in INSERT_ONLY),
    *(Trigger(table, "DELETE", f"{table} is insert-only") for table in INSERT_ONLY),
    Trigger("comment", "DELETE", "a comment is never deleted"),
    Trigger("comment", f"UPDATE OF {_COMMENT}", "a comment is never changed"),
    Trigger("comment", "UPDATE", "search words of a comment can only be forgotten", when="NEW.tokens <> ''"),
    Trigger("person_key", "DELETE", "a key is dropped by emptying it"),
    Trigger(
        "person_key",
        "UPDATE",
        "a key can only be dropped",
        when="NEW.wrapped IS NOT NULL OR NEW.public_id <> OLD.public_id",
    ),
    Trigger("remark", "DELETE", "a remark is never deleted"),
    Trigger(
        "remark", "UPDATE OF sealed_text, resident_id, decision_id, received_at, public_id", "a remark is never changed"
    ),
    Trigger("execution", "DELETE", "who carried it out is never deleted"),
    Trigger("evaluation", "DELETE", "an evaluation is never deleted"),
    Trigger("question", "DELETE", "a question is never deleted"),
    Trigger("question", "UPDATE OF resident_id, asked_at, public_id", "a question is never changed"),
    Trigger("script", "DELETE", "a script is never deleted"),
    Trigger(
        "script",
        "UPDATE",
        "a script is never changed once somebody agreed to it",
        when="OLD.stage IN ('agreed', 'withdrawn') AND NEW.text <> OLD.text",
    ),
    Trigger("exhibition", "DELETE", "an exhibition is never deleted"),
    Trigger(
        "exhibition",
        "UPDATE",
        "the words of an exhibition that is out are never changed",
        when="OLD.stage IN ('published', 'withdrawn') AND (NEW.title <> OLD.title OR NEW.shown <> OLD.shown)",
    ),
    Trigger("letter", "DELETE", "a letter is never deleted"),
    Trigger(
        "letter",
        "UPDATE",
        "a letter is never changed once somebody agreed to it",
        when="OLD.stage IN ('agreed', 'sent', 'withdrawn') AND (NEW.title <> OLD.title OR NEW.text <> OLD.text)",
    ),
    Trigger("airing", "DELETE", "an airing is called off, never deleted"),
    Trigger("airing", "UPDATE OF place_id, due_at, public_id, made_at", "an airing keeps its place and its time"),
    Trigger("poll", "DELETE", "a poll is never deleted"),
    Trigger("poll_slip", "DELETE", "a slip is never deleted"),
    Trigger("paper_ballot", "DELETE", "a ballot on paper is never deleted"),
    Trigger(
        "question",
        "UPDATE",
        "the words of a question can only be deleted",
        when="NEW.sealed_text <> OLD.sealed_text AND length(NEW.sealed_text) > 0",
    ),
    Trigger("follow_up", "DELETE", "a question is never deleted"),
    Trigger(
        "follow_up",
        "UPDATE",
        "the words of a question can only be deleted",
        when="NEW.sealed_text <> OLD.sealed_text AND length(NEW.sealed_text) > 0",
    ),
    Trigger("hand_over", "DELETE", "a slip is never deleted"),
    Trigger(
        "hand_over", "UPDATE OF question_id, road, number, receiver, made_at, officer_id", "a slip is never changed"
    ),
    Trigger("mediation", "DELETE", "a request for mediation is never deleted"),
    Trigger(
        "mediation", "UPDATE OF sealed_text, resident_id, room_id, asked_at, public_id", "a request is never changed"
    ),
    Trigger("common_question", "DELETE", "what was public is never deleted"),
    Trigger("message", "DELETE", "a message is never deleted"),
    Trigger("message", "UPDATE OF fact_id, resident_id", "a message keeps its fact and its addressee"),
    Trigger("installation", "DELETE", "the installation stays"),
    Trigger(
        "installation",
        "UPDATE",
        "a demonstration stays one, an office never becomes one, and its clock only goes forward",
        when="NEW.demonstration <> OLD.demonstration OR NEW.clock_offset < OLD.clock_offset",
    ),
    Trigger(
        "consultation",
        "UPDATE",
        "a number once given stays, and a window is never shortened",
        when="(OLD.number <> '' AND NEW.number <> OLD.number) OR NEW.closes_on < OLD.closes_on",
    ),
    Trigger("consultation", "DELETE", "a consultation is never deleted"),
    Trigger("catalogue", "DELETE", "a version of the catalogue is never deleted"),
    Trigger("catalogue", "UPDATE", "a published catalogue is never changed", when="OLD.stage = 'published'"),
    Trigger("catalogue_item", "DELETE", "a published item is never deleted", when="OLD.edition IS NOT NULL"),
    Trigger("catalogue_item", "UPDATE", "a published item is never changed", when="OLD.edition IS NOT NULL"),
    Trigger("participation", "DELETE", "an event is never deleted"),
    Trigger(
        "participation",
        "UPDATE OF decision_id, mode, held_on, place, organised_by, people, kinds, gist, sample, method, result",
        "an event is never changed",
    ),
    Trigger("hearing", "DELETE", "a hearing is never deleted"),
    Trigger(
        "hearing",
        "UPDATE",
        "the record of a hearing is never changed once it is reported",
        when="OLD.stage = 'reported'",
    ),
    Trigger("hearing_applicant", "DELETE", "an application is never deleted"),
    Trigger("invitation", "DELETE", "an invitation is never deleted"),
    Trigger("register", "DELETE", "a version of a list is never deleted"),
    Trigger("register", "UPDATE", "a published list is never changed", when="OLD.stage = 'published'"),
    Trigger("register_entry", "DELETE", "a published entry is never deleted", when="OLD.edition IS NOT NULL"),
    Trigger("register_entry", "UPDATE", "a published entry is never changed", when="OLD.edition IS NOT NULL"),
    Trigger("proposal", "DELETE", "a proposal is never deleted"),
    Trigger(
        "proposal",
        "UPDATE OF sealed_title, sealed_text, sealed_organisation, resident_id, proposer, number, received_at, public_id",
        "a proposal is never changed",
    ),
    Trigger("proposal", "UPDATE", "an answered proposal is never changed", when="OLD.stage = 'answered'"),
    Trigger("decision", "DELETE", "a case is never deleted"),
    Trigger(
        "decision",
        "UPDATE",
        "a case keeps its number and the rules that it began under",
        when=(
            "(OLD.number <> '' AND NEW.number <> OLD.number) OR NEW.rules_name <> OLD.rules_name "
            "OR NEW.rules_version <> OLD.rules_version OR NEW.public_id <> OLD.public_id"
        ),
    ),
    Trigger("expert", "DELETE", "an expert is never deleted"),
    Trigger("engagement", "DELETE", "a letter to an expert is never deleted"),
    Trigger(
        "engagement",
        "UPDATE",
        "a letter keeps its number, its expert and its case",
        when="NEW.number <> OLD.number OR NEW.expert_id <> OLD.expert_id OR NEW.decision_id <> OLD.decision_id "
        "OR NEW.as_named <> OLD.as_named",
    ),
    Trigger("risk", "DELETE", "a risk assessment is never deleted"),
    Trigger("risk", "UPDATE", "an approved risk assessment is never changed", when="OLD.stage = 'approved'"),
    Trigger("risk_point", "DELETE", "an approved point of risk is never deleted", when="OLD.settled"),
    Trigger("risk_point", "UPDATE", "an approved point of risk is never changed", when="OLD.settled"),
    Trigger("legal_review", "DELETE", "a legal review is never deleted"),
    Trigger("legal_review", "UPDATE", "a concluded legal review is never changed", when="OLD.stage = 'concluded'"),
    Trigger("deliberation", "DELETE", "a meeting is never deleted"),
    Trigger("deliberation", "UPDATE", "a confirmed record is never changed", when="OLD.stage = 'confirmed'"),
    Trigger("secrecy_check", "DELETE", "a secrecy check is never deleted"),
    Trigger("secrecy_check", "UPDATE", "a confirmed check is never changed", when="OLD.stage = 'confirmed'"),
    Trigger("normative", "DELETE", "a normative document is never deleted"),
    Trigger(
        "normative",
        "UPDATE",
        "a number, a filing and an end once given stay",
        when=(
            "(OLD.number <> '' AND NEW.number <> OLD.number) OR (OLD.filed_on IS NOT NULL AND NEW.filed_on IS NOT OLD.filed_on) "
            "OR (OLD.receipt_on IS NOT NULL AND NEW.receipt_on IS NOT OLD.receipt_on) "
            "OR (OLD.ended_on IS NOT NULL AND NEW.ended_on IS NOT OLD.ended_on)"
        ),
    ),
    Trigger("expiry_review", "DELETE", "an evaluation is never deleted"),
    Trigger("expiry_review", "UPDATE", "an agreed evaluation is never changed", when="OLD.stage = 'agreed'"),
    Trigger("cleanup", "DELETE", "a clean-up is never deleted"),
    Trigger("cleanup", "UPDATE", "a public result is never changed", when="OLD.stage = 'concluded'"),
    Trigger("cleanup_item", "DELETE", "what a clean-up looked at stays"),
    Trigger("cleanup_item", "UPDATE", "a public result is never changed", when="OLD.concluded"),
    Trigger("older_cleanup_item", "DELETE", "what a clean-up looked at stays"),
    Trigger("older_cleanup_item", "UPDATE", "a public result is never changed", when="OLD.concluded"),
    Trigger("older_document", "DELETE", "a normative document is never deleted"),
    Trigger(
        "older_document",
        "UPDATE OF number, title, published_on, effective_on, file, mime, extension, size, officer_id, registered_at",
        "what was registered stays",
    ),
    Trigger(
        "older_document",
        "UPDATE",
        "an end once given stays",
        when="OLD.ended_on IS NOT NULL AND NEW.ended_on IS NOT OLD.ended_on",
    ),
    Trigger("expiry_notice", "DELETE", "a reminder that went out is never deleted"),
    Trigger("expiry_notice", "UPDATE", "a reminder that went out is never changed"),
    Trigger("amendment", "DELETE", "a correction or supplement is never deleted"),
    Trigger(
        "amendment", "UPDATE", "a released correction or supplement is never changed", when="OLD.stage = 'released'"
    ),
    Trigger(
        "amendment",
        "UPDATE OF point_id, kind, outcome, text, remark, author_id, made_at, public_id",
        "what was proposed is approved or sent back, never rewritten",
    ),
    Trigger(
        "decision",
        "UPDATE OF title, number, stage, kind, basis, basis_words, category, livelihood, idea, market, secret, "
        "classified_words, unit_id, partners, follows_id, decided_on, published_on, archived_on, ended_reason, "
        "opened_at, started_at",
        "an archived case is closed",
        when="OLD.archived_on IS NOT NULL AND OLD.stage <> 'published'",
    ),
    Trigger("packing", "DELETE", "who asked for a file stays known"),
    Trigger("point", "DELETE", "a point is never deleted"),
    Trigger(
        "point",
        "UPDATE",
        "a released answer is never changed",
        when=(
            "OLD.stage = 'released' AND (NEW.stage <> 'released' OR NEW.outcome <> OLD.outcome "
            "OR NEW.reason <> OLD.reason OR NEW.author_id <> OLD.author_id OR NEW.approver_id <> OLD.approver_id)"
        ),
    ),
)


TRIGGERS: tuple[Trigger, ...] = (
    *_TRIGGERS,
    *(Trigger(trigger.table, "TRUNCATE", trigger.says) for trigger in _TRIGGERS if trigger.on == "DELETE"),
)
"""What may not be deleted may not be emptied either: PostgreSQL's TRUNCATE asks no trigger of a row."""


_WANTED = "triggers_wanted"


@contextmanager
def once(connection: Connection) -> Iterator[None]:
    """However many migrations run in here, their triggers are put in place once, after the last one."""
    connection.info[_WANTED] = False
    try:
        yield
        wanted = connection.info[_WANTED]
    finally:
        del connection.info[_WANTED]
    if wanted:
        install(connection)


def install(connection: Connection) -> None:
    """Put every trigger in place, anew where it stands already; the last act of every migration.

    An early migration knows only some of the tables; a trigger whose table or columns come later waits for its own migration.
    """
    if _WANTED in connection.info:
        connection.info[_WANTED] = True
        return
    dialect = connection.dialect.name
    seen = inspect(connection)
    tables = {name: {str(c["name"]) for c in seen.get_columns(name)} for name in seen.get_table_names()}
    for trigger in TRIGGERS:
        if trigger.table not in tables or not trigger.columns <= tables[trigger.table]:
            continue
        drop = f"DROP TRIGGER IF EXISTS {trigger.name}"
        connection.exec_driver_sql(drop if dialect == "sqlite" else f"{drop} ON {trigger.table}")
        for statement in trigger.ddl(dialect):
            connection.exec_driver_sql(statement)


def installed(connection: Connection) -> set[str]:
    """The names of our triggers that are in place."""
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    return {name for (name,) in connection.execute(text(query)) if name.startswith("guard_")}


_ROW, _BEFORE, _DELETE, _UPDATE, _TRUNCATE = 1, 2, 8, 16, 32
"""How PostgreSQL writes down what a trigger is for (pg_trigger.tgtype)."""


def altered(connection: Connection, tables: Collection[str]) -> set[str]:
    """The triggers of these tables that are gone, switched off, or do something else than was written; none has conditions."""
    wanted = [t for t in TRIGGERS if t.table in tables and t.ddl(connection.dialect.name)]
    if connection.dialect.name == "sqlite":
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        kept = {row.name: row.sql for row in connection.execute(text(query))}
        return {t.name for t in wanted if kept.get(t.name) != t.ddl("sqlite")[0]}
    query = (
        "SELECT t.tgname, c.relname, t.tgtype, p.prosrc FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND t.tgattr = ''"
    )
    found = {name: (table, kind, body) for name, table, kind, body in connection.execute(text(query))}
    for_what = {"UPDATE": _ROW | _BEFORE | _UPDATE, "DELETE": _ROW | _BEFORE | _DELETE, "TRUNCATE": _BEFORE | _TRUNCATE}
    return {t.name for t in wanted if found.get(t.name) != (t.table, for_what[t.on], t.body)}
