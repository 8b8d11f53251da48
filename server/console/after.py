"""After the decision: who carries it out, what people say of it, whether it is evaluated, suspended, adjusted or ended."""

from collections.abc import Callable
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.decisions import evaluation, execution, in_force
from models.decisions.consultation import Channel
from models.decisions.decision import CaseStage, Decision
from models.decisions.evaluation import Cause, Evaluation, Result, adjust, plan_evaluation
from models.decisions.execution import Force, change_force, entrust
from models.decisions.in_force import Remark
from models.kernel.lifecycle import why_not
from models.kernel.refusal import Missing, OutOfTurn
from models.people.officer import Post, officers
from models.people.place import villages
from models.people.resident import Resident
from models.people.unit import units
from server.console.cases import find
from server.console.door import blueprint, desk
from server.console.forms.after import (
    Adjust,
    ChangeForce,
    Commission,
    Conclude,
    Entrust,
    Findings,
    Plan,
    ProgressNote,
    RemarkIntake,
    RemarkReply,
)
from server.console.forms.fields import offered
from server.console.forms.trying import trying
from server.console.intake import KEY
from server.console.nav import CASES, INTAKE
from server.csrf import HouseForm
from server.house import checks_its_form

Forms = dict[str, Any]


@blueprint.get("/desk/cases/<public_id>/execution")
@desk(*CASES.posts)
def case_execution(public_id: str) -> str:
    """Who carries it out, how far it is, and whether it is in force."""
    return _execution(_published(public_id), {})


@blueprint.post("/desk/cases/<public_id>/execution")
@desk(Post.OFFICE, Post.LEADER)
@checks_its_form
def entrust_case(public_id: str) -> str | Response | tuple[str, int]:
    """A unit is charged with it."""
    found = _published(public_id)
    form = Entrust(request.form)

    def deed() -> None:
        unit = next((u for u in units() if u.public_id == form.unit.data), None)
        owner = next((o for o in officers() if o.public_id == form.owner.data), None)
        entrust(found, g.officer, unit, owner, form.task.data or "", form.due_on.data)

    return _do(
        form, deed, "执行单位定了。", "console.case_execution", found, lambda r: _execution(found, {"entrust": form}, r)
    )


@blueprint.post("/desk/cases/<public_id>/force")
@desk(Post.CHIEF, Post.LEADER)
@checks_its_form
def change_case_force(public_id: str) -> str | Response | tuple[str, int]:
    """Suspended, taken up again, ended."""
    found = _published(public_id)
    form = ChangeForce(request.form)

    def deed() -> None:
        change_force(found, g.officer, Force(form.force.data), form.reason.data or "")

    return _do(
        form, deed, "改了，会公布。", "console.case_execution", found, lambda r: _execution(found, {"force": form}, r)
    )


@blueprint.post("/desk/executions/<public_id>/<any(report, finish):verb>")
@desk(Post.HANDLER, Post.UNIT_HEAD, Post.OFFICE)
@checks_its_form
def report_execution(public_id: str, verb: str) -> str | Response | tuple[str, int]:
    """How far it has come, or that it is done."""
    part = execution.by_public_id(public_id)
    if part is None:
        raise Missing("没有找到这一项。")
    form = ProgressNote(request.form)

    def deed() -> None:
        if verb == "finish":
            part.finish(g.officer, form.text.data or "")
        else:
            part.report(g.officer, form.text.data or "", trouble=form.trouble.data)

    case = part.decision
    return _do(form, deed, "记下了。", "console.case_execution", case, lambda r: _execution(case, {"report": form}, r))


def _execution(found: Decision, forms: Forms, refusal: str | None = None) -> str:
    form = forms.get("entrust") or Entrust()
    form.unit.choices = offered([("", "请选择"), *((u.public_id, u.name) for u in units())])
    able = [o for o in officers() if o.active]
    form.owner.choices = offered([("", "请选择"), *((o.public_id, f"{o.name}（{o.actor_unit}）") for o in able)])
    parts = execution.executions_of(found)
    return render_template(
        "console/case_execution.html",
        case=found,
        parts=[(part, why_not(part, "report", g.officer) is None) for part in parts],
        changes=execution.changes_of(found),
        force=execution.force_of(found),
        entrust=form if why_not(found, "entrust", g.officer) is None else None,
        force_form=(forms.get("force") or ChangeForce()) if why_not(found, "change_force", g.officer) is None else None,
        report=forms.get("report") or ProgressNote(),
        refusal=refusal,
        said=in_force.counted(found),
    )


# what people say of it


@blueprint.get("/desk/cases/<public_id>/remarks")
@desk(*CASES.posts, *INTAKE)
def case_remarks(public_id: str) -> str:
    """What people say of the decision, the waiting ones first."""
    return _remarks(_published(public_id))


@blueprint.post("/desk/remarks/<public_id>")
@desk(Post.HANDLER, Post.OFFICE)
@checks_its_form
def reply_to_remark(public_id: str) -> str | Response | tuple[str, int]:
    """A reply; the person is told."""
    remark = in_force.by_public_id(public_id)
    if remark is None:
        raise Missing("没有找到这条意见。")
    form = RemarkReply(request.form)

    def deed() -> None:
        remark.reply(g.officer, form.text.data or "")

    case = remark.decision
    return _do(
        form, deed, "回复了，正在告诉他。", "console.case_remarks", case, lambda r: _remarks(case, remark, form, r)
    )


@blueprint.post("/desk/cases/<public_id>/remarks")
@desk(*INTAKE)
@checks_its_form
def take_in_remark(public_id: str) -> str | Response | tuple[str, int]:
    """What somebody said by letter, telephone or e-mail, written down for them."""
    found = _published(public_id)
    form = RemarkIntake(request.form)

    def deed() -> None:
        place = next((v for v in villages() if v.public_id == form.place.data), None)
        who = Resident.from_paper(place)
        who.introduce(
            who,
            name=form.name.data or "",
            phone=form.phone.data or "",
            door=form.channel.data,
            officer=g.officer,
        )
        key = form.key.data if KEY.fullmatch(form.key.data or "") else None
        Remark.receive(
            who,
            found,
            form.text.data or "",
            channel=Channel(form.channel.data),
            place=place,
            entered_by=g.officer,
            asks_evaluation=form.evaluate.data,
            key=f"desk:{g.officer.id}:{key}" if key else None,
        )

    return _do(
        form, deed, "录进来了。", "console.case_remarks", found, lambda r: _remarks(found, intake=form, refusal=r)
    )


def _remarks(
    found: Decision,
    answered: Remark | None = None,
    form: RemarkReply | None = None,
    refusal: str | None = None,
    intake: RemarkIntake | None = None,
) -> str:
    total, people = in_force.counted(found)
    taking = (intake or RemarkIntake()) if g.officer.has(*INTAKE) else None
    if taking is not None:
        taking.place.choices = offered([("", "没有说"), *((v.public_id, v.name) for v in villages())])
    return render_template(
        "console/case_remarks.html",
        case=found,
        rows=in_force.remarks_of(found),
        total=total,
        people=people,
        may=g.officer.has(Post.HANDLER, Post.OFFICE),
        answered=answered,
        form=form or RemarkReply(),
        blank=RemarkReply(),
        refusal=refusal if answered is not None else None,
        intake=taking,
        intake_refusal=refusal if intake is not None else None,
    )


# evaluation


@blueprint.get("/desk/cases/<public_id>/evaluation")
@desk(*CASES.posts)
def case_evaluation(public_id: str) -> str:
    """Whether one is asked for, those there were, and what may be done."""
    return _evaluation(_published(public_id), {})


@blueprint.post("/desk/cases/<public_id>/evaluation")
@desk(Post.OFFICE, Post.UNIT_HEAD, Post.LEADER, Post.CHIEF)
@checks_its_form
def commission_evaluation(public_id: str) -> str | Response | tuple[str, int]:
    """Somebody is asked to evaluate it."""
    found = _published(public_id)
    form = Commission(request.form)

    def deed() -> None:
        Evaluation.commission(
            g.officer,
            found,
            Cause(form.cause.data),
            form.assessor.data or "",
            cause_words=form.cause_words.data or "",
            third_party=form.third_party.data,
            due_on=form.due_on.data,
        )

    return _do(
        form,
        deed,
        "后评估启动了。",
        "console.case_evaluation",
        found,
        lambda r: _evaluation(found, {"commission": form}, r),
    )


@blueprint.post("/desk/cases/<public_id>/evaluation/plan")
@desk(Post.OFFICE, Post.UNIT_HEAD, Post.LEADER, Post.CHIEF)
@checks_its_form
def plan_case_evaluation(public_id: str) -> str | Response | tuple[str, int]:
    """The latest day for it."""
    found = _published(public_id)
    form = Plan(request.form)

    def deed() -> None:
        assert form.on.data is not None
        plan_evaluation(found, g.officer, form.on.data)

    return _do(
        form, deed, "评估日期定了。", "console.case_evaluation", found, lambda r: _evaluation(found, {"plan": form}, r)
    )


@blueprint.post("/desk/evaluations/<public_id>/report")
@desk(Post.HANDLER, Post.OFFICE, Post.UNIT_HEAD)
@checks_its_form
def report_evaluation(public_id: str) -> str | Response | tuple[str, int]:
    """The report."""
    one = _one(public_id)
    form = Findings(request.form)

    def deed() -> None:
        one.report(g.officer, Result(form.result.data), form.findings.data or "")

    case = one.decision
    return _do(
        form,
        deed,
        "报告交了，等着定结论。",
        "console.case_evaluation",
        case,
        lambda r: _evaluation(case, {"findings": form}, r),
    )


@blueprint.post("/desk/evaluations/<public_id>/conclude")
@desk(Post.CHIEF, Post.LEADER)
@checks_its_form
def conclude_evaluation(public_id: str) -> str | Response | tuple[str, int]:
    """The consequence."""
    one = _one(public_id)
    form = Conclude(request.form)

    def deed() -> None:
        one.conclude(g.officer, Result(form.result.data))

    case = one.decision
    return _do(
        form, deed, "结论定了。", "console.case_evaluation", case, lambda r: _evaluation(case, {"conclude": form}, r)
    )


@blueprint.post("/desk/cases/<public_id>/adjust")
@desk(Post.HANDLER, Post.UNIT_HEAD)
@checks_its_form
def adjust_case(public_id: str) -> str | Response | tuple[str, int]:
    """A case of its own for a major adjustment."""
    found = _published(public_id)
    form = Adjust(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            made = adjust(found, g.officer, form.title.data, form.reason.data or "")
        refusal = went.refusal
        if went.done:
            flash("另立了一卷，要重新走一遍程序（条例第三十七条）。", "ok")
            return redirect(url_for("console.case", public_id=made.public_id), 303)
    return _evaluation(found, {"adjust": form}, refusal), 422


def _evaluation(found: Decision, forms: Forms, refusal: str | None = None) -> str:
    rows = evaluation.evaluations_of(found)
    running = rows[0] if rows and rows[0].stage != evaluation.EvaluationStage.CONCLUDED else None
    may = {
        name: why_not(found, verb, g.officer) is None
        for name, verb in (("plan", "plan_evaluation"), ("adjust", "adjust"))
    }
    return render_template(
        "console/case_evaluation.html",
        case=found,
        rows=rows,
        running=running,
        asked=evaluation.asked_for(found),
        before=sorted(evaluation.assessors_before(found)),
        followers=evaluation.followers_of(found),
        limit=found.rules.number("evaluation.comments"),
        said=in_force.counted(found),
        commission=(forms.get("commission") or Commission())
        if running is None and not g.officer.lacks(found.rules.post_for("evaluation.commission"))
        else None,
        findings=(forms.get("findings") or Findings())
        if running and why_not(running, "report", g.officer) is None
        else None,
        conclude=(forms.get("conclude") or Conclude(data={"result": running.result}))
        if running and running.stage == evaluation.EvaluationStage.REPORTED and g.officer.has(Post.CHIEF, Post.LEADER)
        else None,
        held=why_not(running, "conclude", g.officer) if running else None,
        plan=(forms.get("plan") or Plan()) if may["plan"] else None,
        adjust=(forms.get("adjust") or Adjust()) if may["adjust"] else None,
        refusal=refusal,
    )


def _published(public_id: str) -> Decision:
    found = find(public_id)
    if found.stage not in (CaseStage.PUBLISHED, CaseStage.ARCHIVED):
        raise OutOfTurn("决定公布以后才有执行、评估。现在请先把前面的环节办完。")
    return found


def _one(public_id: str) -> Evaluation:
    found = evaluation.by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这次评估。")
    return found


def _do(
    form: HouseForm,
    deed: Callable[[], None],
    words: str,
    endpoint: str,
    case: Decision,
    again: Callable[[str | None], str],
) -> str | Response | tuple[str, int]:
    """A deed from a form: done and back to the page, or the page again with what was typed."""
    refusal = None
    if form.validate():
        with trying(form) as went:
            deed()
        refusal = went.refusal
        if went.done:
            flash(words, "ok")
            return redirect(url_for(endpoint, public_id=case.public_id), 303)
    return again(refusal), 422
