"""What a rule would hit and move, asked of the published books before it is made.

Texts are folded, and rules weighed, as a build does it. Of merchants that ship with Farthing
the published books no longer have the words of the name as a build reads it; there the bank's own name stands in.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from farthing.explore.books import Books
from farthing.explore.queries import Query
from farthing.explore.wording import folded, known_merchants, without_legal_form, wording
from farthing.lake.reference import Rule

_RULES = f"""
rules as (
    select
        *,
        concat_ws(
            ' ', if(starts_with(pattern, '^'), '^', null), {folded("pattern")}, if(ends_with(pattern, '$'), '$', null)
        ) as words,
        list_sort(
            list_transform(
                string_split({folded("pattern")}, ' '), lambda word: {{'brevity': -length(word), 'word': word}}
            )
        )[1].word as key_word,
        starts_with(pattern, '*') as is_ending,
        ends_with(pattern, '*') as is_beginning
    from (select unnest($rules, recursive := true))
)"""  # noqa: S608 - our own macros


def _fits(words: str) -> str:
    """Write the SQL for whether a rule's words are in a text's, or its one word with a star is."""
    return f"""case
            when rules.is_beginning or rules.is_ending then len(list_filter(
                string_split({words}, ' '),
                lambda word: rules.is_beginning and starts_with(word, rules.key_word)
                    or rules.is_ending and ends_with(word, rules.key_word)
            )) > 0
            else contains(' ^ ' || {words} || ' $ ', ' ' || rules.words || ' ')
        end"""


# Made once a session, and each wording folded once: most payments differ from others by dates and numbers alone.
_READ = f"""
create temp table review_wordings as
with spelt as (
    select transaction_key, merchant_key, {wording("counterparty")} as name, {wording("description")} as text
    from marts.fct_transactions
),
known as (select distinct {folded("merchant")} as merchant_key from farthing_known_merchants)
select
    row_number() over () as wording_id,
    if(known.merchant_key is null, spelt.merchant_key,
        coalesce({without_legal_form(folded("name"))}, spelt.merchant_key)) as name_words,
    coalesce({folded("text")}, '') as text_words,
    transaction_keys
from (
    select merchant_key, name, text, list(transaction_key) as transaction_keys from spelt group by all
) as spelt
left join known on spelt.merchant_key = known.merchant_key;
create temp table review_payments as
select wording_id, unnest(transaction_keys) as transaction_key from review_wordings;
alter table review_wordings drop transaction_keys;
"""  # noqa: S608 - our own macros

_PAYMENTS = f"""
worded as (
    select
        wording_id,
        rules,
        {_fits("name_words")} as fits_name,
        {_fits("text_words")} as fits_text
    from temp.review_wordings, rules
),
payments as (
    select transactions.*, worded.*
    from marts.fct_transactions as transactions
    inner join temp.review_payments using (transaction_key)
    inner join worded using (wording_id)
    where {{where}}
)"""  # noqa: S608 - our own macros


# Of each payment the rule that wins among those that fit: by priority, the name before the text, then the longest.
_FITTING = """
fitting as (
    select
        *,
        rules.category as to_category,
        {
            'priority': rules.priority,
            'place': case when rules.field <> 'word' then 2 when fits_name then 0 else 1 end,
            'brevity': -length(if(rules.field = 'word', rules.words, rules.pattern)),
            'category': rules.category
        } as strength
    from payments
    where
        (rules.direction = 'any' or (rules.direction = 'in') = (amount > 0))
        and case rules.field
            when 'word' then fits_name or fits_text
            when 'mcc' then len(list_filter(
                string_split(rules.pattern, ' '),
                lambda part: merchant_category_code between split_part(part, '-', 1) and split_part(part, '-', -1)
            )) > 0
            when 'bank_code' then upper(bank_transaction_code) glob rules.pattern
            when 'purpose_code' then upper(purpose_code) glob rules.pattern
        end
    qualify row_number() over (partition by transaction_key order by strength) = 1
)"""

# What stands against it: the owner's word on the entry, and the owner's rules that come before it.
_JUDGED = f"""
judged as (
    select
        *,
        regexp_extract(
            category_reason,
            '^your (.*) rule (\\d+) “(.*)”(?: in the (name|text))?$',
            ['field', 'priority', 'pattern', 'place']
        ) as ruled
    from fitting
),
hits as (
    select
        transaction_key, currency, amount, category, to_category,
        case
            when category_source = 'person' then 'your own word on the payment stays'
            when
                category_source = 'own rule'
                and not (ruled.pattern = trim(rules.pattern) and ruled.field = replace(rules.field, '_', ' '))
                and {{
                    'priority': try_cast(ruled.priority as integer),
                    'place': case ruled.place when 'name' then 0 when 'text' then 1 else 2 end,
                    'brevity': -length(if(ruled.field = 'word', {folded("ruled.pattern")}, ruled.pattern)),
                    'category': category
                }} <= strength
                then 'another rule of yours comes first'
            when category = to_category then 'is there already'
        end as stays
    from judged
)"""  # noqa: S608 - our own macros

_HITS = f"with {_RULES},{_PAYMENTS},{_FITTING},{_JUDGED}\n"

_KEEP_HITS = f"""
create or replace temp table review_hits as
{_HITS.replace("{where}", "true")}
select * replace (
    coalesce(stays, if(list_contains($decided, transaction_key), 'your own word on the payment stays', null)) as stays
)
from hits
"""  # noqa: S608 - our own macros


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a rule would do to the published books.

    :ivar hits: number of payments that it fits.
    :ivar moves: one row per category and currency that payments would leave: ``category``, ``currency``, ``payments``,
        ``amount``; the most payments first.
    :ivar stays: why payments that it fits would stay where they are, and how many.
    """

    hits: int
    moves: pl.DataFrame
    stays: dict[str, int]

    @property
    def moved(self) -> int:
        """Number of payments that would move."""
        return int(self.moves["payments"].sum())

    @property
    def amounts(self) -> dict[str, Decimal]:
        """What the payments that would move add up to, by currency."""
        found: dict[str, Decimal] = {}
        for currency, amount in self.moves.select("currency", "amount").iter_rows():
            found[currency] = found.get(currency, Decimal()) + amount
        return found


def preview(books: Books, rule: Rule, *, decided: Collection[str] = ()) -> Preview:
    """Ask what a rule would hit and move, of all payments there are.

    :param decided: keys of transactions that the owner has given a category since the build.
    """
    _read_words(books)
    parameters = {"rules": [rule.model_dump()], "decided": list(decided)}
    Query(sql=_KEEP_HITS, parameters=parameters).run(books.connection)
    judged = Query(
        sql="select category, currency, stays, count(*) as payments, sum(amount) as amount"
        " from temp.review_hits group by all order by payments desc, category, currency"
    ).run(books.connection)
    stays = judged.filter(pl.col("stays").is_not_null()).group_by("stays").agg(pl.col("payments").sum()).sort("stays")
    return Preview(
        hits=int(judged["payments"].sum()),
        moves=judged.filter(pl.col("stays").is_null()).drop("stays"),
        stays=dict(stays.iter_rows()),
    )


def ruled_since(books: Books, rules: Sequence[Rule], *, where: str) -> dict[str, str]:
    """Give the category of each payment that rules would move, by key; the build may not know of them yet.

    :param where: a condition without parameters on ``fct_transactions``, so that not all of them are tried.
    """
    if not rules:
        return {}
    _read_words(books)
    query = Query(
        sql=_HITS.replace("{where}", where) + "select transaction_key, to_category from hits where stays is null",  # noqa: S608 - a condition of our own
        parameters={"rules": [each.model_dump() for each in rules]},
    )
    return dict(query.run(books.connection).iter_rows())


def _read_words(books: Books) -> None:
    """Fold the texts of all payments, which takes most of the time, once a session."""
    found = books.connection.execute(
        "select count(*) from duckdb_tables() where database_name = 'temp' and table_name = 'review_payments'"
    ).fetchone()
    if found and not found[0]:
        books.connection.register("farthing_known_merchants", pl.DataFrame({"merchant": known_merchants()}))
        books.connection.execute(_READ)
        books.connection.unregister("farthing_known_merchants")
