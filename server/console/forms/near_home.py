"""Places where the law can be found, and requests for mediation."""

from models.outreach.legal_place import FIELDS, LegalPlaceKind
from server.console.forms.fields import Day, Line, Pick, Text, at_most, offered, one_of, optional
from server.csrf import HouseForm


def _line(name: str) -> Line:
    label, most = FIELDS[name]
    return Line(label, [at_most(most)], render_kw={"maxlength": most})


class LegalPlace(HouseForm):
    """One place."""

    kind = Pick(
        "是什么地方",
        [one_of("请选是什么地方。")],
        choices=offered([(kind.value, kind.label) for kind in LegalPlaceKind]),
        validate_choice=False,
    )
    place = Pick("哪个村、社区的", [optional()], validate_choice=False)
    name = _line("name")
    address = _line("address")
    phone = _line("phone")
    hours = _line("hours")
    about = Text(FIELDS["about"][0], [at_most(FIELDS["about"][1])], render_kw={"rows": 3, "maxlength": 500})


class MediationDeed(HouseForm):
    """The day of an agreement, or of the court's confirmation."""

    agreed_on = Day("协议生效的日期", [optional()])
