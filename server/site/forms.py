"""What residents fill in: few fields, nothing lost when something is wrong, and every complaint in plain Chinese."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from models.decisions.hearing import Party
from models.kernel.base import db
from models.kernel.ids import new_token
from models.kernel.refusal import Missing, Refusal
from models.outreach.legal_place import LegalPlaceKind, places_of
from models.people.place import Place, villages
from models.proposals.proposal import PUBLIC, Proposer
from models.questions.aid import AidMatter, Standing
from models.questions.mediation import Dispute
from server.csrf import HouseForm
from server.house import status_of

KEY = re.compile(r"[0-9a-f]{64}")


class Line(StringField):
    """One line, without the spaces around it."""

    data: str | None

    def process_formdata(self, valuelist: list[Any]) -> None:
        """As typed; a line end that a program put in becomes a space."""
        super().process_formdata(valuelist)
        self.data = " ".join(re.split(r"[\r\n]+", self.data or "")).strip()


class Choice(RadioField):
    """One of a few; WTForms' own complaint is English."""

    data: str | None

    def __init__(self, label: str, offered: dict[str, str], **kwargs: Any) -> None:
        super().__init__(label, choices=offered, default=next(iter(offered)), **kwargs)
        self.offered = offered

    def pre_validate(self, form: Any) -> None:
        """Only what was offered."""
        if self.data not in self.offered:
            self.data = self.default
            raise ValidationError("请从下面选一项。")


class Day(DateField):
    """A date; what a program wrote that is none is said in Chinese."""

    data: date | None

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, validators=[Optional()], **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """2026-11-23, as date fields send it."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            raise ValueError("请填日期，例如 2026-11-23；不知道就空着。") from None


class Where(SelectField):
    """A village or community; may be left open."""

    data: str | None

    def __init__(self, label: str, **kwargs: Any) -> None:
        self.places = list(villages())
        super().__init__(label, choices={"": "请选择"} | {p.public_id: p.name for p in self.places}, **kwargs)

    def pre_validate(self, form: Any) -> None:
        """Only what was offered."""
        if self.data and self.place is None:
            self.data = ""
            raise ValidationError("请从列出的村和社区里选一个，也可以不选。")

    @property
    def place(self) -> Place | None:
        """What was chosen."""
        return next((p for p in self.places if p.public_id == self.data), None)


class Key(HiddenField):
    """Drawn when the form is shown; whatever is sent twice under it is received once."""

    data: str | None

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """What came back, if it can be one of ours; else a new one."""
        super().process(formdata, None)
        if not KEY.fullmatch(self.data or ""):
            self.data = new_token()


class CommentForm(HouseForm):
    """A comment."""

    key = Key()
    text = TextAreaField("您的意见")
    kind = Choice("替谁提", {"individual": "我自己", "organisation": "单位", "joint": "联名"})
    organisation = Line("单位名称")
    signers = Line("几个人签名")
    place = Where("您住在哪里")
    name = Line("怎么称呼您")
    phone = Line("手机号")
    shown = Choice(
        "公开什么", {"gist": "不公开，只公开大意", "words": "可以公开，不写称呼", "name": "可以公开，写上称呼"}
    )

    def validate_text(self, field: TextAreaField) -> None:
        """Something has to be said; said here so that whatever else is missing is told at the same time."""
        if not (field.data or "").strip():
            raise ValidationError("请写上您的意见，一句话也可以。")

    def validate_name(self, field: Line) -> None:
        """A name to be shown has to be there."""
        if self.shown.data == "name" and self.kind.data != "organisation" and not field.data:
            raise ValidationError("要公开称呼，请先写上怎么称呼您；也可以选「不写称呼」。")

    def validate_signers(self, field: Line) -> None:
        """A number, when the letter is a joint one."""
        if self.kind.data == "joint" and self.signed < 2:
            raise ValidationError("请写签名的人数，例如 12，至少2人。")

    @property
    def signed(self) -> int:
        """How many signed: 1 unless it is a joint letter."""
        given = (self.signers.data or "").removesuffix("人").strip()
        return int(given) if self.kind.data == "joint" and given.isdecimal() and len(given) <= 6 else 1


class WordsForm(HouseForm):
    """More words on a comment."""

    key = Key()
    text = TextAreaField("要补充的话")


class AgainForm(HouseForm):
    """What an answer did not meet."""

    reason = TextAreaField("哪里没答到")


class PollForm(HouseForm):
    """Answers to a poll; the questions themselves are fields q1, q2 … of the page."""

    slip = Line("选票号")
    place = Where("您住在哪里")


class LectureForm(HouseForm):
    """Signing up for a lecture, or being there."""

    name = Line("怎么称呼您")
    code = Line("签到码")


class RemarkForm(HouseForm):
    """Something said of a decision in force."""

    key = Key()
    text = TextAreaField("您想说的")
    evaluate = BooleanField("请求重新评估这件决定")
    place = Where("您住在哪里")


class QuestionForm(HouseForm):
    """A legal question."""

    key = Key()
    text = TextAreaField("您的问题")
    place = Where("您住在哪里")
    limit_on = Day("有没有快到的期限")
    sure = HiddenField()


class AidForm(HouseForm):
    """What the legal-aid pre-check asks; nothing of it is kept."""

    matter = Choice("是哪一类的事", {matter.value: matter.label for matter in AidMatter})
    standing = SelectMultipleField(
        "您是不是这样的情况",
        choices={standing.value: standing.label for standing in Standing},
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    hurried = BooleanField("仲裁、起诉、上诉的期限只剩不到7天")

    @property
    def told(self) -> list[str]:
        """What was ticked and was offered."""
        return [word for word in self.standing.data or [] if word in set(Standing)]


class AidRequestForm(HouseForm):
    """Handing it over, with some words."""

    key = Key()
    matter = HiddenField()
    standing = HiddenField()
    text = TextAreaField("把事情写几句")
    limit_on = Day("有没有快到的期限")

    @property
    def chosen(self) -> AidMatter:
        """The matter that was looked at."""
        return next((m for m in AidMatter if m.value == self.matter.data), AidMatter.NONE)

    @property
    def told(self) -> list[Standing]:
        """What was ticked."""
        return [one for one in Standing if one.value in (self.standing.data or "").split(",")]

    def validate_text(self, field: TextAreaField) -> None:
        """Something has to be said."""
        if not (field.data or "").strip():
            raise ValidationError("请写几句：什么事、和谁、您想怎样。")
        if len(field.data) > 1800:
            raise ValidationError("最多1800字。")


class MediationForm(HouseForm):
    """Asking for mediation."""

    key = Key()
    room = SelectField("请哪个调解室", validate_choice=False)
    dispute = Choice("什么事", {dispute.value: dispute.label for dispute in Dispute})
    text = TextAreaField("写写是什么事、和谁")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rooms = list(places_of(None, LegalPlaceKind.MEDIATION))
        self.room.choices = [("", "请选择"), *((r.public_id, f"{r.name}（{r.where}）") for r in self.rooms)]

    def validate_room(self, field: SelectField) -> None:
        """One of those that were offered."""
        if field.data not in {room.public_id for room in self.rooms}:
            field.data = ""
            raise ValidationError("请选一个调解室。")


class FollowUpForm(HouseForm):
    """Once more about an answer."""

    key = Key()
    text = TextAreaField("还想问什么")


class Offered(SelectField):
    """One of a list that the page fills in; what it never offered counts as the first."""

    data: str | None

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, choices={}, validate_choice=False, **kwargs)


class HearingForm(HouseForm):
    """Somebody wants to take part in a hearing."""

    party = Choice("您代表哪一方", {party.value: party.label for party in Party})
    name = Line("姓名")
    phone = Line("手机号")
    text = TextAreaField("想说什么")


class InvitedForm(HouseForm):
    """Somebody who was asked by name answers."""

    key = Key()
    clause = Offered("说的是哪一条")
    text = TextAreaField("您的意见")
    nothing = BooleanField("我没有意见")

    def validate_text(self, field: TextAreaField) -> None:
        """Words, or that there are none."""
        if not (field.data or "").strip() and not self.nothing.data:
            raise ValidationError("请写上您的意见；没有意见的，请勾选「我没有意见」。")


class ProposalForm(HouseForm):
    """A decision that somebody proposes."""

    key = Key()
    title = Line("想请街道决定什么事")
    text = TextAreaField("为什么要办，想怎么办")
    kind = Choice("您是", {p.value: p.label for p in PUBLIC})
    organisation = Line("单位名称")
    reference = Line("建议或者提案的编号")
    place = Where("您住在哪里")
    name = Line("怎么称呼您")
    phone = Line("手机号")

    def validate_title(self, field: Line) -> None:
        """Said here so that whatever else is missing is told at the same time."""
        if not field.data:
            raise ValidationError("请写一句话，例如：给东湖村口装红绿灯。")

    def validate_text(self, field: TextAreaField) -> None:
        """Something has to be said."""
        if not (field.data or "").strip():
            raise ValidationError("请写写为什么要办、想怎么办，一两句也可以。")

    def validate_organisation(self, field: Line) -> None:
        """An organisation has a name."""
        if self.kind.data == Proposer.ORGANISATION and not field.data:
            raise ValidationError("请写单位名称。")


class AboutMeForm(HouseForm):
    """What a person told about themselves."""

    name = Line("怎么称呼您")
    phone = Line("手机号")
    place = Where("您住在哪里")


class Ticks(SelectMultipleField):
    """Several of a list, each with its own box; what was not offered is left out."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class FollowForm(HouseForm):
    """What a person wants to hear of."""

    places = Ticks("这些村、社区和组的征求意见和通知", validate_choice=False)
    topics = Ticks("这些主题的普法文章", validate_choice=False)


class EraseForm(HouseForm):
    """Forgetting is done on purpose."""

    sure = BooleanField("我明白，删除以后不能恢复")


class ReceiptForm(HouseForm):
    """A receipt and its PIN."""

    receipt = Line("编号")
    pin = Line("查询码")
    mine = Choice("归谁", {"no": "不是，只是看看", "yes": "是我提的，归到我名下"})


@dataclass
class Try:
    """How a deed went."""

    trouble: str = ""
    status: int = 200
    code: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    """What is wrong with fields that the page itself made."""

    @property
    def done(self) -> bool:
        """Nothing stood in the way."""
        return not self.trouble


@contextmanager
def trying(form: HouseForm) -> Iterator[Try]:
    """Do a deed in a savepoint. A refusal undoes it, goes onto the form, and what was typed stays."""
    went = Try()
    try:
        with db.session.begin_nested():
            yield went
    except Missing:
        raise
    except Refusal as refusal:
        went.trouble, went.status, went.code = refusal.sentence, status_of(refusal), refusal.code
        went.fields = getattr(refusal, "fields", {})
        for name, words in went.fields.items():
            if name in form:
                form[name].errors = [*form[name].errors, words]


def complaint(form: HouseForm) -> Try:
    """What to say above a form that was filled in wrongly."""
    if form.csrf_token.errors:
        return Try("这一页放得太久了，请再点一次提交。", 400)
    wrong = sum(bool(field.errors) for field in form)
    return Try("有一处要改一下。" if wrong == 1 else f"有{wrong}处要改一下。", 422)
