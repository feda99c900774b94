from pathlib import Path

import pytest

from farthing.lake.reference import BadDecisionError, Rule
from farthing.lake.reference.files import read_file

RULES = [
    Rule(pattern="corner shop", category="Groceries"),
    Rule(field="mcc", pattern="5411 5412-5499", category="Groceries", direction="out", priority=7),
]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "rules.csv",
            "\ufefffield,pattern,direction,category,priority\r\n"
            "word,corner shop,,Groceries,\r\nmcc,5411 5412-5499,out,Groceries,7\r\n",
        ),
        (
            "rules.toml",
            '[[rules]]\npattern = "corner shop"\ncategory = "Groceries"\n[[rules]]\nfield = "mcc"\n'
            'pattern = "5411 5412-5499"\ndirection = "out"\ncategory = "Groceries"\npriority = 7\n',
        ),
    ],
)
def test_reads_rules(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert read_file(tmp_path / name, Rule) == RULES


@pytest.mark.parametrize(
    ("name", "text", "mistakes"),
    [
        (
            "rules.csv",
            "pattern,category,priority\nshop,Grocery,\nshop,Groceries,0\n\nmill,Rent,\nmill,Cash,\n",
            [
                "line 2: category: there is no such category: did you mean Groceries?",
                "line 3: priority: Input should be greater than or equal to 1",
                "line 6: line 5 has the same field, pattern, direction",
            ],
        ),
        ("rules.csv", "pattern\nshop\n", ["line 2: category: Field required"]),
        ("rules.csv", "pattern,category\nshop,Cash,canary\n", ["line 2: more than the header names: Extra inputs"]),
        ("rules.toml", 'rules = "canary"', ["as a whole: each begins with [[rules]]"]),
        ("rules.toml", "[[rules]", ["as a whole: it is no TOML"]),
        ("missing.csv", None, ["missing.csv cannot be read as text (FileNotFoundError)"]),
    ],
)
def test_says_every_mistake_with_its_place(tmp_path: Path, name: str, text: str | None, mistakes: list[str]) -> None:
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(BadDecisionError) as refused:
        read_file(tmp_path / name, Rule)

    assert len(refused.value.mistakes) == len(mistakes)
    assert all(said.startswith(wanted) for said, wanted in zip(refused.value.mistakes, mistakes, strict=True))
    assert "canary" not in str(refused.value)
