"""What the daemon does not hold in memory."""

import subprocess
import sys

CODE = """
import sys
from adapters.hl7.validation import ValidateHl7v2Settings, open_step
open_step("check", ValidateHl7v2Settings(kind="validate_hl7v2"))
print("hl7apy" in sys.modules)
"""


def test_hl7apy_is_not_imported() -> None:
    """Neither the settings nor the step bring the definitions with them: only a validation process imports hl7apy."""
    done = subprocess.run([sys.executable, "-c", CODE], check=True, capture_output=True, text=True)
    assert "False\n" == done.stdout
