"""Public numbers."""

from hypothesis import given
from hypothesis import strategies as st

from azexport.kernel.references import ALPHABET, is_reference, new_reference


def test_a_new_reference_is_one() -> None:
    assert is_reference(new_reference("CT"))


@given(st.integers(0, 7), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed_nearly_always(place: int, character: str) -> None:
    body = "7K3M9XQ2"
    good = next(f"CT-{body[:4]}-{body[4:]}-{c}" for c in ALPHABET if is_reference(f"CT-{body[:4]}-{body[4:]}-{c}"))
    wrong = body[:place] + character + body[place + 1 :]
    changed = f"CT-{wrong[:4]}-{wrong[4:]}-{good[-1]}"
    # 32 characters modulo 31: only the first and the last of the alphabet pass for each other.
    twins = {wrong[place], body[place]} == {"0", "Z"}
    assert is_reference(changed) == (wrong == body or twins)


def test_other_shapes_are_not_references() -> None:
    for text in ("", "CT", "CT-7K3M-9XQ2", "CT-7K3M-9XQ2-PP", "CT-7K3I-9XQ2-P", "CT-7K3M9XQ2-P"):
        assert not is_reference(text)
