"""Other readings of a text are what it says once an encoding in it is undone."""

import time

import pytest

from adapters.deidentify.own.decoding import readings


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("S\0m\0i\0t\0h\0", "Smith"),
        ("%53mith", "Smith"),
        ("&#83;mith &amp; x", "Smith & x"),
        ("=53mith", "Smith"),
        ("\\u0053mith", "Smith"),
        ("\\x53mith", "Smith"),
        ("U21pdGgsIEpvaG4=", "Smith, John"),
        ("U21pdGgsIEpvaG4", "Smith, John"),
        ("53 6d 69 74 68", "Smith"),
        ("53:6D:69:74:68:A", "Smith"),
        ("53,6d,69,74,68", "Smith"),
        ("53\n6d\n69\n74\n68", "Smith"),
        ("U21pd\r\nGgsIE\r\npvaG4=", "Smith, John"),
        ("Sm<b>ith</b>", "Smith"),
        ("see 5500320031007000640047006700", "Smith"),
        ("4dfc6c6c6572", "Müller"),
        ("0053006d006900740068", "Smith"),
    ],
)
def test_readings(text: str, said: str) -> None:
    """Each encoding is undone."""
    assert any(said in each for each in readings(text))


@pytest.mark.parametrize("text", ["", "plain text", "a & b = c", "100 %"])
def test_plain(text: str) -> None:
    """A text without an encoding says nothing else."""
    assert all(each == text for each in readings(text))


def test_many_runs() -> None:
    """However many words of eight letters stand before it, what is encoded is read; and that in little time."""
    began = time.process_time()
    assert any("Smith, John" in each for each in readings("Haemoglobin " * 20_000 + "U21pdGgsIEpvaG4="))
    assert time.process_time() - began < 4
