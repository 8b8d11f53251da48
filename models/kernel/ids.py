"""Names for records that can be spoken, typed and not guessed."""

import hashlib
import hmac
import secrets

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_SPOKEN = "零幺二三四五六七八九"


def new_public_id() -> str:
    """Twelve characters (59 bits) for addresses; no look-alikes such as l, 1, o, 0."""
    return "".join(secrets.choice(_LETTERS) for _ in range(12))


def new_token() -> str:
    """A secret of 256 bits for cookies and one-off links: letters and digits only, as WeChat's `state` wants."""
    return secrets.token_hex(32)


def digest(token: str) -> bytes:
    """What is stored of a secret token."""
    return hashlib.sha256(token.encode()).digest()


def same(a: bytes, b: bytes) -> bool:
    """Compare secrets in constant time."""
    return hmac.compare_digest(a, b)


def _check_digit(digits: str) -> str:
    """ISO 7064 MOD 11,10: finds every single wrong digit and nearly every swap of neighbours."""
    carry = 10
    for digit in digits:
        carry = (carry + int(digit)) % 10 or 10
        carry = carry * 2 % 11
    return str((11 - carry) % 10)


def new_receipt() -> str:
    """Eight digits, the last one a check digit: short enough for a telephone, wrong ones are noticed."""
    digits = str(secrets.randbelow(9) + 1) + "".join(str(secrets.randbelow(10)) for _ in range(6))
    return digits + _check_digit(digits)


def receipt_fits(number: str) -> bool:
    """Whether this could be a receipt at all."""
    return len(number) == 8 and number.isascii() and number.isdigit() and _check_digit(number[:7]) == number[7]


def spaced(receipt: str) -> str:
    """72631845 as 726 318 45."""
    return f"{receipt[:3]} {receipt[3:6]} {receipt[6:]}"


def spoken(receipt: str) -> str:
    """72631845 as it is read over the telephone: 七二六，三幺八，四五."""
    said = "".join(_SPOKEN[int(d)] for d in receipt)
    return f"{said[:3]}，{said[3:6]}，{said[6:]}"


def new_pin() -> str:
    """Six digits that guard a receipt of somebody who did not sign in."""
    return f"{secrets.randbelow(1_000_000):06d}"
