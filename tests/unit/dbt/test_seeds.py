"""The categories, rules and merchants that are shipped: enough of them, and each fits the others."""

import polars as pl

from farthing.settings import DBT_PROJECT_DIR

CATEGORIES, RULES, MERCHANTS, TEXTS = (
    pl.read_csv(DBT_PROJECT_DIR / "seeds" / f"{name}.csv", infer_schema=False)
    for name in ("categories", "category_rules", "merchants", "text_patterns")
)
LANGUAGES = {"en", "de", "fr", "es", "it", "nl", "pt", "pl", "nordic", "baltic"}


def test_categories_have_two_levels() -> None:
    assert 60 <= CATEGORIES.height <= 90
    assert CATEGORIES["category_group"].n_unique() < CATEGORIES.height / 3
    assert (CATEGORIES.group_by("category_group").agg(pl.col("kind").n_unique())["kind"] == 1).all()


def test_knows_at_least_six_hundred_merchants() -> None:
    assert MERCHANTS["merchant"].n_unique() >= 600
    assert not MERCHANTS["patterns"].str.split("|").explode().str.strip_chars().is_in([""]).any()


def test_rules_and_merchants_give_categories_that_there_are() -> None:
    for given in (RULES, MERCHANTS):
        assert set(given["category"]) <= set(CATEGORIES["category"])


def test_no_two_merchants_claim_the_same_words() -> None:
    words = MERCHANTS.select("merchant", pl.col("patterns").str.to_lowercase().str.split("|")).explode("patterns")
    claimed = words.group_by("patterns").agg(pl.col("merchant").unique()).filter(pl.col("merchant").list.len() > 1)
    assert claimed.rows() == []


def test_words_of_ten_languages_settle_categories_and_are_told_from_names() -> None:
    words = RULES.filter(pl.col("field") == "word")["language"].str.split(" ").explode()
    assert set(words) >= LANGUAGES
    assert words.value_counts().filter(pl.col("language").is_in(LANGUAGES), pl.col("count") < 50).rows() == []
    assert set(TEXTS["language"].str.split(" ").explode()) >= LANGUAGES - {"nordic", "baltic"}


def test_no_rule_contradicts_another_one() -> None:
    same = RULES.group_by("priority", "field", "pattern", "direction").agg(pl.col("category").unique())
    assert same.filter(pl.col("category").list.len() > 1).rows() == []
