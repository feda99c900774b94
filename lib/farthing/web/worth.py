"""What there is, and how far goals are reached, in words and bars."""

from dataclasses import replace
from html import escape
from typing import Any

import polars as pl

from farthing.explore.money import format_money
from farthing.explore.scope import Scope


def currencies_in_words(worths: pl.DataFrame, scope: Scope) -> str:
    """Write what there is in each currency at the end, its rate and the rate's day, and what that comes to."""

    def write(row: dict[str, Any]) -> str:
        currency, base = row["currency"], row["base_currency"]
        address = replace(scope.view, currency=currency).address("/notebooks/net_worth/")
        own = format_money(row["balance"], currency, locale=scope.locale)
        if currency == base:
            rate, worth = "", ""
        elif row["rate"] is None:
            rate, worth = "no rate is known", " · in no sum"
        else:
            rate = f"1 {currency} = {row['rate'].normalize():f} {base} on {row['rate_date']:%-d %B %Y}"
            worth = f" · {format_money(row['base_balance'], base, locale=scope.locale)}"
        return (
            f'<li><span><a href="{escape(address)}">{currency}</a> <small class="f-money">{rate}</small></span>'
            f'<span class="f-money">{own}{worth}</span></li>'
        )

    last = worths.filter(pl.col("balance_date") == pl.col("balance_date").max())
    return f'<ul class="f-list">{"".join(map(write, last.iter_rows(named=True)))}</ul>'


def goals_in_words(goals: pl.DataFrame, scope: Scope) -> str:
    """Write how far each goal is reached, and what is left to do for it."""

    def write(goal: dict[str, Any]) -> str:
        def money(name: str) -> str:
            locale = scope.locale_of.get(goal["account_key"], scope.locale)
            return format_money(goal[name], goal["currency"], locale=locale)

        if goal["balance"] is None:
            return f'<li><span class="f-name">{escape(goal["goal"])}</span><span>no balance is known yet</span></li>'
        by = f"{goal['target_date']:%-d %B %Y}"
        if goal["is_reached"]:
            left = "reached"
        elif goal["is_missed"]:
            left = f"{money('remaining')} were missing on {by}"
        else:
            left = f"{money('remaining')} are missing, {money('needed_per_month')} a month until {by}"
        return (
            f'<li><span class="f-name">{escape(goal["goal"])} <small>{escape(goal["account_name"])}</small></span>'
            f'<span class="f-money">{money("balance")} of {money("target_amount")}</span>'
            f'<progress value="{goal["reached_share"]}" aria-label="{escape(goal["goal"])}"></progress>'
            f'<small class="f-money">{left}</small></li>'
        )

    return f'<ul class="f-list f-goals">{"".join(map(write, goals.iter_rows(named=True)))}</ul>'
