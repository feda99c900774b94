{% set window_days, least_score = 120, 0.5 %}

with merchants as (select * from {{ ref('int_transaction_merchants') }}),

transfers as (select * from {{ ref('int_transfers') }}),

categories as (select * from {{ ref('dim_category') }}),

decisions as (select * from {{ ref('stg_reference__refund_decisions') }}),

-- The owner's word counts for any purchase and credit of an account, whatever their merchants and the days between.
confirmed as (
    select
        debits.transaction_key as left_key,
        credits.transaction_key as right_key,
        -debits.amount = credits.amount as is_whole,
        credits.booking_date - debits.booking_date as days_between
    from decisions
    inner join merchants as debits on decisions.purchase_transaction_key = debits.transaction_key
    inner join merchants as credits on decisions.refund_transaction_key = credits.transaction_key
    where
        decisions.decision = 'confirmed'
        and debits.account_key = credits.account_key
        and debits.currency = credits.currency
        and credits.amount between 0.0001 and -debits.amount
        and credits.booking_date >= debits.booking_date
),

-- An account that mostly receives is none to shop with, or its bank tells all amounts with the opposite sign.
shopping_accounts as (
    select account_key
    from merchants
    group by account_key
    having count(*) filter (where amount < 0) > count(*) filter (where amount > 0)
),

-- Money that came in and is neither a transfer nor pay of some kind.
credits as (
    select
        merchants.*,
        coalesce(categories.category_kind = 'spending', false) as is_spending
    from merchants
    left join categories on merchants.category = categories.category
    semi join shopping_accounts on merchants.account_key = shopping_accounts.account_key
    anti join transfers on merchants.transaction_key = transfers.inflow_transaction_key
    where
        merchants.amount > 0
        and (merchants.says_refund or coalesce(categories.category_kind, 'spending') = 'spending')
),

debits as (
    select merchants.*
    from merchants
    anti join transfers on merchants.transaction_key = transfers.outflow_transaction_key
    where merchants.amount < 0 and merchants.merchant_key in (select credits.merchant_key from credits)
),

whole as (
    {{ refund_pairs(window_days) }}
    where credits.amount = -debits.amount
),

-- A part of what was paid; only for what no whole purchase explains.
partial as (
    {{ refund_pairs(window_days) }}
    where credits.amount < -debits.amount and credits.transaction_key not in (select whole.right_key from whole)
),

both_kinds as (
    select * from whole
    union all
    select * from partial
),

-- What the owner rejected is never proposed again.
proposed as (
    select both_kinds.*
    from both_kinds
    anti join decisions
        on
            both_kinds.left_key = decisions.purchase_transaction_key
            and both_kinds.right_key = decisions.refund_transaction_key
),

scored as (
    select
        *,
        if(is_whole, 0.5, 0.2)
        + if(says_refund, 0.25, 0)
        + if(is_spending, 0.1, if(says_refund, 0, -0.1))
        + 0.25 * (1 - days_between / {{ window_days }}.0) as evidence
    from proposed
),

likely as (
    select
        left_key,
        right_key,
        cast(least(evidence, 1) as decimal(9, 6)) as score,
        is_whole,
        concat_ws(
            '; ',
            'same merchant',
            if(is_whole, 'same amount', 'part of the amount'),
            if(says_refund, 'said to be a refund', null),
            days_between || if(days_between = 1, ' day later', ' days later')
        ) as reason,
        days_between
    from scored
    where evidence >= {{ least_score }}
    union all
    select
        left_key,
        right_key,
        2 as score,
        is_whole,
        concat_ws('; ', 'confirmed by the owner', if(is_whole, 'same amount', 'part of the amount')) as reason,
        days_between
    from confirmed
),

{{ one_to_one('matched', 'likely', rounds=4) }}

select
    md5(left_key || '|' || right_key) as refund_key,
    left_key as purchase_transaction_key,
    right_key as refund_transaction_key,
    reason,
    cast(least(score, 1) as decimal(9, 6)) as score,
    is_whole,
    days_between
from matched
