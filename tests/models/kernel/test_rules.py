"""Rules are data: each number has its article, an heir may only be stricter, and a case keeps the version it started under."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import date
from pathlib import Path

import pytest

from models import records
from models.kernel import rules
from models.kernel.lifecycle import declared, predicates
from models.kernel.refusal import RuleUnmet
from models.kernel.rules import BadRules, UnknownRule, explain, rule_set
from models.kernel.workdays import announced_until

ROOMS = records.ROOMS  # importing the rooms declares their verbs

NAMES = ["national", "province", "county", "street"]

POSTS = {
    "handler",
    "unit_head",
    "leader",
    "chief",
    "office",
    "justice",
    "counsel",
    "publicist",
    "village",
    "grid",
    "archivist",
    "inspector",
    "system_admin",
    "security_admin",
    "audit_admin",
}


def test_a_window_is_at_least_thirty_calendar_days_by_article_fifteen() -> None:
    number = rule_set().number("consultation.window_days")
    assert (number.value, number.unit, number.article, number.verified) == (30, "calendar_days", "条例第十五条", True)
    assert number.words == "30日"
    assert number.after(date(2026, 10, 23)) == date(2026, 11, 22)
    assert number.allows(30)
    assert number.allows(45)
    assert not number.allows(29)


def test_the_promise_of_an_answer_may_only_be_shortened() -> None:
    number = rule_set().number("consultation.answer_workdays")
    assert number.value == 15
    assert number.words == "15个工作日"
    assert number.strictest(10) == 10
    assert number.strictest(20) == 15
    assert number.strictest(None) == 15
    assert number.after(date(2026, 11, 22)) == date(2026, 12, 11)


def test_a_period_of_years_ends_on_the_same_date_or_the_last_of_the_month() -> None:
    assert rule_set().number("normative.trial_validity_years").after(date(2024, 2, 29)) == date(2026, 2, 28)
    assert rule_set().number("normative.expiry_notice_months").after(date(2026, 8, 31)) == date(2027, 2, 28)
    assert rule_set().number("normative.expiry_notice_months").after(date(2026, 6, 30)) == date(2026, 12, 30)
    with pytest.raises(UnknownRule):
        rule_set().number("expert.persons").after(date(2026, 1, 1))


def test_initial_review_second_review_and_signing_belong_to_three_posts() -> None:
    street = rule_set("street")
    assert street.post_for("consultation.check") == ("unit_head",)
    assert street.post_for("consultation.review") == ("leader",)
    assert street.post_for("consultation.sign") == ("chief",)
    assert street.post_for("consultation.publish") == ("office",)
    assert street.post_for("consultation.extend") == ("chief",)
    assert set(street.post_for("point.approve")) == {"unit_head", "leader"}


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_rule_set_loads_and_every_post_exists(name: str) -> None:
    loaded = rule_set(name)
    assert loaded.version == "2026-1"
    assert loaded.lineage == tuple(f"{ancestor} 2026-1" for ancestor in NAMES[: NAMES.index(name) + 1])
    for duty in loaded.duties.values():
        assert set(duty.posts) <= POSTS, duty.key
    for number in loaded.numbers.values():
        assert number.article
        assert number.note
    for needs in loaded.gates.values():
        for need in needs:
            assert need.article
            assert need.message
            assert "{" not in need.message


def test_what_is_not_verified_says_so() -> None:
    assert not rule_set().number("normative.filing_days").verified
    line = next(line for line in explain() if "normative.filing_days" in line)
    assert "待核实" in line


def test_the_gate_of_publishing_has_its_requirements_in_order_with_articles() -> None:
    gate = rule_set().gate("consultation.publish")
    assert [need.predicate for need in gate] == [
        "explanation_complete",
        "draft_has_clauses",
        "window_long_enough",
        "normative_window_long_enough",
        "contact_given",
        "privacy_notice_given",
    ]
    assert all(need.article and need.firm for need in gate)
    assert gate[5].article == "个人信息保护法第十七条"
    assert "30日" in gate[2].message


def test_a_gate_for_one_kind_of_case_holds_only_what_concerns_it() -> None:
    street = rule_set()
    major = [need.predicate for need in street.gate("decision.send_to_review", "major")]
    normative = [need.predicate for need in street.gate("decision.send_to_review", "normative")]
    assert "risk_assessed_or_excused" in major
    assert "risk_assessed_or_excused" not in normative
    assert major[:2] == ["listed_or_explained", "participation_done"]
    assert normative[0] == "participation_done"
    assert street.gate("decision.send_to_review", "ordinary") == ()
    with pytest.raises(UnknownRule):
        street.gate("decision.send_to_review", "weekend")


def test_a_deed_with_posts_and_no_requirement_has_an_empty_gate_and_a_slip_raises() -> None:
    assert rule_set().gate("consultation.revise") == ()
    for ask in (rule_set().gate, rule_set().number, rule_set().post_for, rule_set().switch):
        with pytest.raises(UnknownRule):
            ask("consultation.publsh")


def test_comments_are_not_shown_while_the_window_is_open() -> None:
    assert rule_set().switch("comments_shown_while_open") is False
    assert rule_set().switch("before_deliberation_prefix") == "拟"


def test_a_rule_set_cannot_be_changed_once_loaded() -> None:
    street = rule_set()
    assert rule_set("street", "2026-1") is street or rule_set("street", "2026-1").digest == street.digest
    with pytest.raises(FrozenInstanceError):
        street.version = "2027-1"  # type: ignore[misc]
    with pytest.raises(TypeError):
        street.numbers["consultation.window_days"] = street.number("consultation.answer_workdays")  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "version"),
    [("street", "1999-1"), ("nowhere", None), ("../national", None), ("street", "../../x"), ("", None)],
)
def test_an_unknown_rule_set_or_version_is_refused(name: str, version: str | None) -> None:
    with pytest.raises(RuleUnmet):
        rule_set(name, version)


def test_explaining_prints_every_number_gate_and_post_with_its_article() -> None:
    text = "\n".join(explain("street"))
    street = rule_set("street")
    for number in street.numbers.values():
        assert f"{number.key}：{number.words}（" in text
        assert f"）　{number.article}　〔{'已核对原文' if number.verified else '待核实'}，{number.source}〕" in text
    assert "consultation.window_days：30日（按日历日算，下级只能改长）　条例第十五条" in text
    assert "legal_review.workdays：7个工作日（按工作日算，下级只能改长）　条例第二十六条" in text
    assert "公布当日不计入，期间的最后一日 24 时（北京时间）截止" in text
    assert f"放假和调休安排公布到 {announced_until()} 年" in text
    for key, needs in street.gates.items():
        assert key in text
        for need in needs:
            assert f"{need.predicate}　{need.article}" in text
    for key in street.duties:
        assert key in text
    for kind in street.kinds.values():
        assert kind.title in text
    assert "尚未启用" not in text
    marked = [line for line in explain("street", used={"hearing.notice_days"}) if "尚未启用" in line]
    assert any(line.strip().startswith("point.approve") for line in marked)
    assert not any("hearing.notice_days" in line for line in marked)


def test_every_gate_of_every_verb_is_written_down_and_every_requirement_can_be_tested() -> None:
    street = rule_set("street")
    needed = {verb.needs for verbs in declared().values() for verb in verbs.values() if verb.needs}
    named = {need.predicate for gate in needed for need in street.gate(gate)}
    assert named == set(predicates())  # nothing asked for that nobody can test, nothing tested that nobody asks for


# ── the language of the files, on small invented ones ──────────────────────

TOP = """
name = "top"
title = "上级"
version = "2026-1"
[number."consultation.window_days"]
value = 30
unit = "calendar_days"
tightens = "up"
article = "甲第一条"
verified = true
[number."consultation.answer_workdays"]
value = 15
unit = "working_days"
tightens = "down"
article = "甲第二条"
verified = true
[kind.major]
title = "重大"
basis = "甲"
[switch.shown]
value = false
article = "甲第三条"
[post."consultation.publish"]
say = "公布"
posts = ["office"]
[[gate."consultation.publish"]]
predicate = "long_enough"
article = "甲第一条"
say = "不少于{consultation.window_days}。"
firm = true
[[gate."consultation.publish"]]
predicate = "contact_given"
article = "甲第四条"
say = "请写明联系方式。"
"""

HEIR = 'name = "heir"\ntitle = "下级"\nversion = "2026-1"\ninherits = "top"\ninherits_version = "2026-1"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(rules, "FOLDER", tmp_path)
    write(tmp_path, "top", TOP)
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    path = folder / f"{name}.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_an_heir_may_be_stricter_and_the_words_follow(folder: Path) -> None:
    write(folder, "heir", HEIR + '[number."consultation.window_days"]\nvalue = 45\narticle = "乙第一条"\n')
    heir = rule_set("heir")
    assert heir.number("consultation.window_days").value == 45
    assert heir.number("consultation.window_days").source == "heir"
    assert heir.gate("consultation.publish")[0].message == "不少于45日。"
    assert heir.number("consultation.answer_workdays").source == "top"


@pytest.mark.parametrize(
    "text",
    [
        '[number."consultation.window_days"]\nvalue = 29\n',
        '[number."consultation.answer_workdays"]\nvalue = 16\n',
        '[number."consultation.window_days"]\nvalue = 45\nunit = "working_days"\n',
        '[number."consultation.window_days"]\nvalue = 45\ntightens = "down"\n',
    ],
)
def test_an_heir_may_not_be_looser_nor_count_in_another_way(folder: Path, text: str) -> None:
    write(folder, "heir", HEIR + text)
    with pytest.raises(BadRules, match="heir"):
        rule_set("heir")


def test_an_heir_adds_a_requirement_at_the_end_or_before_another(folder: Path) -> None:
    row = '[[gate."consultation.publish"]]\npredicate = "{}"\narticle = "乙"\nsay = "请补齐。"\n'
    write(folder, "heir", HEIR + row.format("last") + row.format("middle") + 'before = "contact_given"\n')
    assert [need.predicate for need in rule_set("heir").gate("consultation.publish")] == [
        "long_enough",
        "middle",
        "contact_given",
        "last",
    ]


def test_an_heir_says_a_requirement_in_its_own_words_at_the_same_place(folder: Path) -> None:
    write(folder, "heir", HEIR + '[[gate."consultation.publish"]]\npredicate = "long_enough"\narticle = "乙第九条"\n')
    need = rule_set("heir").gate("consultation.publish")[0]
    assert (need.predicate, need.article, need.message, need.firm) == ("long_enough", "乙第九条", "不少于30日。", True)


def test_what_the_law_made_firm_cannot_be_waived_and_the_rest_only_with_a_reason(folder: Path) -> None:
    row = '[[gate."consultation.publish"]]\npredicate = "{}"\nwaived = "本机关另有公示"\n'
    write(folder, "heir", HEIR + row.format("contact_given"))
    assert [need.predicate for need in rule_set("heir").gate("consultation.publish")] == ["long_enough"]
    write(folder, "heiress", HEIR.replace("heir", "heiress") + row.format("long_enough"))
    with pytest.raises(BadRules, match="不得免除"):
        rule_set("heiress")
    narrowed = '[[gate."consultation.publish"]]\npredicate = "long_enough"\nkinds = ["major"]\n'
    write(folder, "narrow", HEIR.replace('"heir"', '"narrow"') + narrowed)
    with pytest.raises(BadRules, match="不得免除"):
        rule_set("narrow")


def test_a_case_keeps_the_version_it_pinned_with_its_ancestors_as_they_were(folder: Path) -> None:
    write(folder, "heir", HEIR)
    before = rule_set("heir")
    write(folder, "kept/top-2026-1", TOP)
    write(folder, "kept/heir-2026-1", HEIR)
    write(folder, "top", TOP.replace("2026-1", "2026-2").replace("value = 30", "value = 60"))
    write(
        folder,
        "heir",
        HEIR.replace('\nversion = "2026-1"', '\nversion = "2026-2"').replace(
            'inherits_version = "2026-1"', 'inherits_version = "2026-2"'
        ),
    )
    rules._load.cache_clear()
    assert rule_set("heir").number("consultation.window_days").value == 60
    assert rule_set("heir").version == "2026-2"
    pinned = rule_set("heir", "2026-1")
    assert pinned.number("consultation.window_days").value == 30
    assert pinned.digest == before.digest != rule_set("heir").digest


@pytest.mark.parametrize(
    "text",
    [
        "name = heir",
        HEIR.replace('version = "2026-1"\n', ""),
        HEIR.replace('inherits_version = "2026-1"\n', ""),
        HEIR.replace('inherits = "top"', 'inherits = "heir"'),
        HEIR.replace('name = "heir"', 'name = "top"'),
        HEIR + "[numbers]\n",
        HEIR + '[number."consultation.other"]\nvalue = 3\nunit = "weeks"\narticle = "乙"\nverified = true\n',
        HEIR + '[number."consultation.other"]\nvalue = true\nunit = "times"\narticle = "乙"\nverified = true\n',
        HEIR + '[number."consultation.other"]\nvalue = 3\nunit = "times"\nverified = true\n',
        HEIR + '[number."consultation.other"]\nvalue = 3\nunit = "times"\narticle = "乙"\n',
        HEIR + '[number."consultation.window_days"]\nvalu = 31\n',
        HEIR + '[post."consultation.publish"]\nposts = []\n',
        HEIR + '[post."consultation.other"]\nposts = ["chief"]\n',
        HEIR + '[kind.other]\ntitle = "其他"\n',
        HEIR + '[switch.shown]\nvalue = "是"\n',
        HEIR + "[switch.other]\nvalue = true\n",
        HEIR + '[[gate."consultation.publish"]]\npredicate = "other"\nsay = "请补齐。"\n',
        HEIR + '[[gate."consultation.publish"]]\npredicate = "other"\narticle = "乙"\nsay = "{no.such}"\n',
        HEIR + '[[gate."consultation.publish"]]\npredicate = "other"\narticle = "乙"\nsay = "{days}"\n',
        HEIR
        + '[[gate."consultation.publish"]]\npredicate = "other"\narticle = "乙"\nsay = "请"\nkinds = ["none_such"]\n',
        HEIR
        + '[[gate."consultation.publish"]]\npredicate = "other"\narticle = "乙"\nsay = "请"\nbefore = "none_such"\n',
    ],
)
def test_a_slip_in_a_rule_file_is_named_when_it_is_read(folder: Path, text: str) -> None:
    write(folder, "heir", text)
    with pytest.raises(BadRules):
        rule_set("heir")
