"""Whoever reads the rules is told which of them the program does not ask for yet."""

from server.house import House


def test_what_no_deed_asks_for_is_marked_as_not_yet_in_force(app: House) -> None:
    with app.app_context():
        lines = app.test_cli_runner().invoke(args=["rules", "explain"], catch_exceptions=False).output.splitlines()
    marked = {line.split("：")[0].split()[0] for line in lines if "尚未启用" in line}
    for asked in (
        "consultation.window_days",
        "consultation.check",
        "point.approve",
        "comment.intake",
        "normative.window_workdays",
    ):
        assert any(line.strip().startswith(asked) for line in lines)
        assert asked not in marked
    switches = lines[lines.index("开关") :]
    assert sum("尚未启用" in line for line in switches) <= 1, (
        "only what stands before the outcomes ahead of the meeting"
    )
    assert "privacy.assessment_years" in marked
    assert "petition.settle_days" in marked
