"""The code that a counter scans is found in every spelling."""

import pytest

from backend.appointments.parts import CODE_CHARS, CODE_HEAD, bare_code, new_code

CODES = (new_code(), CODE_HEAD + "4SJZM347ME", CODE_HEAD * (CODE_CHARS // 2))


@pytest.mark.parametrize("head", ["", CODE_HEAD, f"{CODE_HEAD}-"])
@pytest.mark.parametrize("code", CODES)
def test_every_spelling_names_one_code(code: str, head: str) -> None:
    for spelled in (head + code, f" {head}{code[:4]}-{code[4:]} ".lower()):
        assert bare_code(spelled) == code
