"""Numbers that people say over the telephone, and names that nobody guesses."""

from hypothesis import given
from hypothesis import strategies as st

from models.kernel.ids import new_pin, new_public_id, new_receipt, receipt_fits, spaced, spoken

receipts = st.builds(new_receipt)


@given(receipts, st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(receipt: str, place: int, more: int) -> None:
    wrong = receipt[:place] + str((int(receipt[place]) + more) % 10) + receipt[place + 1 :]
    assert receipt_fits(receipt)
    assert not receipt_fits(wrong)


def test_two_neighbours_swapped_are_nearly_always_noticed() -> None:
    missed = tried = 0
    for _ in range(3000):
        receipt = new_receipt()
        for at in range(7):
            if receipt[at] != receipt[at + 1]:
                tried += 1
                missed += receipt_fits(receipt[:at] + receipt[at + 1] + receipt[at] + receipt[at + 2 :])
    assert missed / tried < 0.03


def test_a_receipt_is_read_aloud_in_three_groups() -> None:
    assert spaced("72631845") == "726 318 45"
    assert spoken("72631845") == "七二六，三幺八，四五"


def test_receipts_from_a_keyboard_that_are_no_numbers_do_not_fit() -> None:
    for odd in ("", "7263184", "726318455", "７２６３１８４５", "7263184a", "²2631845"):
        assert not receipt_fits(odd)


def test_names_and_pins_have_their_shape() -> None:
    assert len({new_public_id() for _ in range(500)}) == 500
    assert all(len(new_pin()) == 6 and new_pin().isdigit() for _ in range(50))
