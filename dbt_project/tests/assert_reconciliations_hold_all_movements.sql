-- What is told to have moved between two balances is what was settled after the one and up to the other; pairs of an
-- account follow each other without a gap, so no entry between its first and its last balance is left out.
with pairs as (select * from {{ ref('fct_reconciliation') }}),

staged as (
    select
        account_key,
        currency,
        booking_date,
        sum(amount) as amount,
        count(*) as entries
    from ({{ from_every_provider('transactions') }}) as settled
    group by all
),

spans as (
    select
        account_key,
        currency,
        min(opening_date) as opening_date,
        max(closing_date) as closing_date
    from pairs
    group by all
),

moved as (
    select
        staged.*,
        pairs.closing_date
    from staged
    inner join spans
        on
            staged.account_key = spans.account_key
            and staged.currency = spans.currency
            and staged.booking_date > spans.opening_date
            and staged.booking_date <= spans.closing_date
    asof left join pairs
        on
            staged.account_key = pairs.account_key
            and staged.currency = pairs.currency
            and staged.booking_date <= pairs.closing_date
),

between_balances as (
    select
        account_key,
        currency,
        closing_date,
        sum(amount) as amount,
        sum(entries) as entries
    from moved
    group by all
)

select
    coalesce(pairs.account_key, between_balances.account_key) as account_key,
    coalesce(pairs.currency, between_balances.currency) as currency,
    coalesce(pairs.closing_date, between_balances.closing_date) as closing_date
from pairs
full join between_balances
    on
        pairs.account_key = between_balances.account_key
        and pairs.currency = between_balances.currency
        and pairs.closing_date = between_balances.closing_date
where
    pairs.movement is distinct from coalesce(between_balances.amount, 0)
    or pairs.entries is distinct from coalesce(between_balances.entries, 0)
    or pairs.difference is distinct from pairs.closing_balance - pairs.opening_balance - pairs.movement
