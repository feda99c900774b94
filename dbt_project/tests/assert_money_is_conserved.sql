-- What was settled is what every mart that claims it holds, to the last farthing: per account, currency and month, and
-- as many entries where a mart tells their number. Of fct_cash_flow_edges that is what comes to the account less what
-- goes from it, and by itself what the balance moves by.
with staged as ({{ settled_by_month() }}),

claims as (
    select
        'fct_transactions' as mart,
        account_key,
        currency,
        booking_month,
        sum(amount) as amount,
        count(*) as entries
    from {{ ref('fct_transactions') }}
    group by all
    union all
    select
        'fct_transaction_parts' as mart,
        account_key,
        currency,
        booking_month,
        sum(amount) as amount,
        count(*) filter (where part_number = 1) as entries
    from {{ ref('fct_transaction_parts') }}
    group by all
    union all
    select
        'fct_daily_totals' as mart,
        account_key,
        currency,
        booking_month,
        sum(amount) as amount,
        null as entries
    from {{ ref('fct_daily_totals') }}
    group by all
    union all
    select
        'fct_transaction_versions' as mart,
        account_key,
        currency,
        cast(date_trunc('month', booking_date) as date) as booking_month,
        sum(amount) as amount,
        count(*) as entries
    from {{ ref('fct_transaction_versions') }}
    where is_current
    group by all
    union all
    select
        'fct_cash_flow_edges, by categories' as mart,
        account_key,
        currency,
        booking_month,
        sum(
            case
                when target = 'Accounts' and source <> 'From balances' then amount
                when source = 'Accounts' and target <> 'To balances' then -amount
                else 0
            end
        ) as amount,
        null as entries
    from {{ ref('fct_cash_flow_edges') }}
    group by all
    union all
    select
        'fct_cash_flow_edges, by balances' as mart,
        account_key,
        currency,
        booking_month,
        sum(
            case when target = 'To balances' then amount when source = 'From balances' then -amount else 0 end
        ) as amount,
        null as entries
    from {{ ref('fct_cash_flow_edges') }}
    group by all
),

expected as (
    select
        marts.*,
        staged.*
    from staged
    cross join (
        values
        ('fct_transactions', true),
        ('fct_transaction_parts', true),
        ('fct_daily_totals', false),
        ('fct_transaction_versions', true),
        ('fct_cash_flow_edges, by categories', false),
        ('fct_cash_flow_edges, by balances', false)
    ) as marts (mart, is_counting)
)

select
    coalesce(expected.mart, claims.mart) as mart,
    coalesce(expected.account_key, claims.account_key) as account_key,
    coalesce(expected.booking_month, claims.booking_month) as booking_month,
    expected.amount,
    claims.amount as claimed
from expected
full join claims
    on
        expected.mart = claims.mart
        and expected.account_key = claims.account_key
        and expected.currency = claims.currency
        and expected.booking_month = claims.booking_month
where
    -- A month whose entries come to nothing has no edge.
    coalesce(expected.amount, 0) <> coalesce(claims.amount, 0)
    or (coalesce(expected.is_counting, true) and expected.entries is distinct from claims.entries)
