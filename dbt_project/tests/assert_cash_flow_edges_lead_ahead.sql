-- No way along the edges leads back: each goes to a higher level, and a name is on its level once an account and month.
select
    account_key,
    currency,
    booking_month,
    source_level,
    source,
    target_level,
    target
from {{ ref('fct_cash_flow_edges') }}
group by all
having
    source_level not between 1 and 3
    or target_level <> source_level + 1
    or count(*) > 1
