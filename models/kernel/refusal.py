"""A refusal says in plain words why a deed is not done, and every door knows how to say it on."""

from collections.abc import Mapping


class Refusal(Exception):
    """A deed that the rules do not allow now.

    `code` is a stable English word for programs, `message` a Chinese sentence for people that says what to do.
    """

    code = "refused"

    def __init__(self, message: str, *, code: str | None = None, article: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.article = article
        if code:
            self.code = code

    @property
    def sentence(self) -> str:
        """The message with the article that asks for it, when there is one."""
        return f"{self.message}（{self.article}）" if self.article else self.message


class Missing(Refusal):
    """What was asked for is not here, or not for this person's eyes."""

    code = "missing"


class NotAllowed(Refusal):
    """This person may not do this."""

    code = "not_allowed"


class OutOfTurn(Refusal):
    """The record has moved on, or is not there yet."""

    code = "out_of_turn"


class RuleUnmet(Refusal):
    """A rule or a form's field is not met; `fields` names the fields with a sentence for each."""

    code = "rule_unmet"

    def __init__(
        self,
        message: str,
        fields: Mapping[str, str] | None = None,
        *,
        code: str | None = None,
        article: str = "",
    ) -> None:
        super().__init__(message, code=code, article=article)
        self.fields: dict[str, str] = dict(fields or {})


class TooOften(Refusal):
    """Too many tries in too little time; `retry_after` is in seconds."""

    code = "too_often"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
