"""A record's verbs: each checks who, when and why, changes the record and leaves its trace, all in one breath."""

import enum
import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Concatenate

from flask import current_app

from models.kernel import trail
from models.kernel.refusal import NotAllowed, OutOfTurn, Refusal, RuleUnmet
from models.kernel.rules import Requirement, RuleSet, rule_set
from models.kernel.work import Work

Guard = Callable[[Any, Any], Refusal | None]
Predicate = Callable[[Any, Any], str | None]

_VERBS: dict[str, dict[str, "Verb"]] = {}
_PREDICATES: dict[str, Predicate] = {}


@dataclass(frozen=True)
class Verb:
    """One declared deed of a record."""

    name: str
    label: str
    """What the button says."""
    say: str
    """What the trail says, with {words} filled from the trace's detail."""
    froms: tuple[enum.StrEnum, ...]
    """Stages in which it may be done; empty: in any."""
    to: enum.StrEnum | None
    by: tuple[Guard, ...]
    needs: str
    """The gate of the rule set that has to be open; empty: none."""
    keeps: tuple[str, ...]
    tells: bool
    """Whether people have to hear of it: a `tell` piece of work goes with the trace."""
    wants: tuple[str, ...]
    """Other work that follows, each given {fact, subject}."""
    primary: bool
    creates: bool = False


@dataclass(frozen=True)
class Button:
    """A verb as an officer sees it: it can be pressed, or it says why not."""

    verb: str
    label: str
    primary: bool
    refusal: Refusal | None
    unmet: tuple[Refusal, ...] = field(default=())

    @property
    def held(self) -> bool:
        """Grey."""
        return self.refusal is not None


def step(
    *froms: enum.StrEnum,
    to: enum.StrEnum,
    by: Guard | Sequence[Guard],
    label: str,
    say: str,
    needs: str = "",
    keeps: Iterable[str] = (),
    tells: bool = False,
    wants: Iterable[str] = (),
    primary: bool = True,
    of: type | None = None,
) -> Callable[[Callable[Concatenate[Any, Any, ...], Any]], Callable[..., Any]]:
    """A verb that moves the record from one of `froms` to `to`.

    A deed that spans several nouns stands in a file of its own, as a function, and names its record by `of`.
    """
    return _declare(froms, to, by, label, say, needs, keeps, tells, wants, primary, of)


def act(
    *froms: enum.StrEnum,
    by: Guard | Sequence[Guard],
    label: str,
    say: str,
    needs: str = "",
    keeps: Iterable[str] = (),
    tells: bool = False,
    wants: Iterable[str] = (),
    primary: bool = False,
    of: type | None = None,
) -> Callable[[Callable[Concatenate[Any, Any, ...], Any]], Callable[..., Any]]:
    """The same as step without a move."""
    return _declare(froms, None, by, label, say, needs, keeps, tells, wants, primary, of)


def _declare(
    froms: tuple[enum.StrEnum, ...],
    to: enum.StrEnum | None,
    by: Guard | Sequence[Guard],
    label: str,
    say: str,
    needs: str,
    keeps: Iterable[str],
    tells: bool,
    wants: Iterable[str],
    primary: bool,
    of: type | None,
) -> Callable[[Callable[Concatenate[Any, Any, ...], Any]], Callable[..., Any]]:
    def decorate(body: Callable[Concatenate[Any, Any, ...], Any]) -> Callable[..., Any]:
        guards = tuple(by) if isinstance(by, Sequence) else (by,)
        verb = Verb(body.__name__, label, say, froms, to, guards, needs, tuple(keeps), tells, tuple(wants), primary)
        owner = of.__name__ if of else body.__qualname__.split(".")[0]
        _VERBS.setdefault(owner, {})[verb.name] = verb
        signature = inspect.signature(body)

        @functools.wraps(body)
        def deed(self: Any, actor: Any, *args: Any, **kwargs: Any) -> Any:
            refusal = _refusal(self, verb, actor)
            if refusal:
                raise refusal
            given = signature.bind(self, actor, *args, **kwargs)
            given.apply_defaults()
            with trail.notes() as noted:
                result = body(*given.args, **given.kwargs)
            if verb.to is not None:
                self.stage = verb.to
            _trace(self, verb, actor, {name: given.arguments[name] for name in verb.keeps} | noted)
            return result

        deed.verb = verb  # type: ignore[attr-defined]
        return deed

    return decorate


def birth(
    *, by: Guard | Sequence[Guard], say: str, keeps: Iterable[str] = (), tells: bool = False, wants: Iterable[str] = ()
) -> Callable[[Callable[Concatenate[Any, Any, ...], Any]], Callable[..., Any]]:
    """A classmethod that makes a record; put under @classmethod."""

    def decorate(body: Callable[Concatenate[Any, Any, ...], Any]) -> Callable[..., Any]:
        guards = tuple(by) if isinstance(by, Sequence) else (by,)
        verb = Verb(
            body.__name__, "", say, (), None, guards, "", tuple(keeps), tells, tuple(wants), False, creates=True
        )
        _VERBS.setdefault(body.__qualname__.split(".")[0], {})[verb.name] = verb
        signature = inspect.signature(body)

        @functools.wraps(body)
        def deed(cls: Any, actor: Any, *args: Any, **kwargs: Any) -> Any:
            for guard in guards:
                refusal = guard(cls, actor)
                if refusal:
                    raise refusal
            given = signature.bind(cls, actor, *args, **kwargs)
            given.apply_defaults()
            with trail.notes() as noted:
                made = body(*given.args, **given.kwargs)
            _trace(made, verb, actor, {name: given.arguments[name] for name in verb.keeps} | noted)
            return made

        return deed

    return decorate


def _trace(subject: Any, verb: Verb, actor: Any, detail: Mapping[str, Any]) -> None:
    fact = trail.write(subject, verb.name, actor, detail)
    together = trail.gathering() and (verb.tells or verb.wants)
    assert not together, "what people are told of is not done by the dozen"
    if verb.tells:
        Work.want("tell", {"fact": fact.id}, key=f"tell:{fact.id}")
    for kind in verb.wants:
        Work.want(kind, {"fact": fact.id, "subject": subject.id}, key=f"{kind}:{fact.id}")


def verbs_of(record: type) -> dict[str, Verb]:
    """The declared verbs of a record, in the order of the source."""
    return dict(_VERBS.get(record.__name__, {}))


def declared() -> dict[str, dict[str, Verb]]:
    """All verbs of all records; the vocabulary of the trail."""
    return {name: dict(verbs) for name, verbs in _VERBS.items()}


def why_not(subject: Any, verb: str, actor: Any) -> Refusal | None:
    """The first reason why this actor may not do this now; None when nothing stands in the way."""
    return _refusal(subject, verbs_of(type(subject))[verb], actor)


def _refusal(subject: Any, verb: Verb, actor: Any) -> Refusal | None:
    for guard in verb.by:
        refusal = guard(subject, actor)
        if refusal:
            return refusal
    if verb.froms and subject.stage not in verb.froms:
        return OutOfTurn(f"这一步现在不能做：目前是「{stage_label(subject.stage)}」。请刷新页面看看最新情况。")
    return next(iter(unmet(subject, verb.needs, actor)), None)


def unmet(subject: Any, gate: str, actor: Any) -> list[Refusal]:
    """Every requirement of a gate that is not met, in the rule set's order, in its words and with its article.

    A record that belongs to a case of some kind (`case_kind`) meets only what the rule set asks of that kind.
    """
    refusals: list[Refusal] = []
    if not gate:
        return refusals
    rules: RuleSet = subject.rules
    for requirement in rules.gate(gate, getattr(subject, "case_kind", None)):
        found = _PREDICATES[requirement.predicate](subject, actor)
        if found is not None:
            refusals.append(_words(requirement, found))
    return refusals


def _words(requirement: Requirement, found: str) -> RuleUnmet:
    return RuleUnmet(requirement.message + found, code=requirement.predicate, article=requirement.article)


def predicate(check: Predicate) -> Predicate:
    """A rule that can be true of a record for an actor: None when it is met, else what is lacking in this very case.

    The rule set's message comes first; the words returned here (often empty) follow it.
    """
    _PREDICATES[check.__name__] = check
    return check


def predicates() -> dict[str, Predicate]:
    """All predicates that a rule set may name."""
    return dict(_PREDICATES)


def buttons(subject: Any, actor: Any) -> list[Button]:
    """The verbs of this stage for this actor: what may be done, and what may not yet and why."""
    shown = []
    for verb in verbs_of(type(subject)).values():
        if verb.creates or not verb.label:
            continue
        if verb.froms and subject.stage not in verb.froms:
            continue
        if any(guard(subject, actor) for guard in verb.by):
            continue
        lacking = tuple(unmet(subject, verb.needs, actor))
        shown.append(Button(verb.name, verb.label, verb.primary, lacking[0] if lacking else None, lacking))
    return shown


def stage_label(stage: Any) -> str:
    """The Chinese word for a stage."""
    return str(getattr(stage, "label", stage))


def sentence(trace: trail.Trace) -> str:
    """A trace as a sentence that an inspector can read."""
    verb = _VERBS.get(trace.subject_kind, {}).get(trace.verb)
    if verb is None:
        return trace.fact

    class Filled(dict[str, Any]):
        def __missing__(self, key: str) -> str:
            return "…"

    return verb.say.format_map(Filled(trace.detail))


def diagram(record: type) -> str:
    """The lifecycle as a Mermaid state diagram, for the docs."""
    lines = ["stateDiagram-v2"]
    for verb in verbs_of(record).values():
        if verb.to is None:
            continue
        lines += [f"    {stage} --> {verb.to}: {verb.name}" for stage in verb.froms]
    return "\n".join(lines)


def office_rules() -> RuleSet:
    """The rules in force at this office, for what belongs to no case."""
    return rule_set(current_app.extensions["rules"])


def resident(subject: Any, actor: Any) -> Refusal | None:
    """Guard: a resident."""
    return None if getattr(actor, "actor_kind", "") == "resident" else NotAllowed("这一步由居民本人办理。")


def system(subject: Any, actor: Any) -> Refusal | None:
    """Guard: the clockwork."""
    return None if getattr(actor, "actor_kind", "") == "system" else NotAllowed("这一步由系统自动办理。")


def officer(subject: Any, actor: Any) -> Refusal | None:
    """Guard: anybody who works here."""
    return None if getattr(actor, "actor_kind", "") == "officer" else NotAllowed("请先用工作人员账号登录。")


def post(*names: str) -> Guard:
    """Guard: an officer who holds one of these posts, or stands in for somebody who does."""

    def holds(subject: Any, actor: Any) -> Refusal | None:
        return officer(subject, actor) or actor.lacks(names)

    return holds


def ruled(key: str) -> Guard:
    """Guard: an officer who holds a post that the record's rule set names for this deed."""

    def holds(subject: Any, actor: Any) -> Refusal | None:
        rules = office_rules() if isinstance(subject, type) else subject.rules
        return officer(subject, actor) or actor.lacks(rules.post_for(key))

    return holds
