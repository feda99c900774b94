with parts as (select * from {{ ref('fct_transaction_parts') }}),

nets as (
    select
        account_key,
        currency,
        booking_month,
        category_group,
        category,
        sum(amount) as amount
    from parts
    where account_key is not null
    group by all
),

-- From where money came to an account, and from there to where it went; what stays is the change of its balance. A name
-- may be on both sides, as money goes to savings and comes back. So levels tell apart where it came from (1), accounts
-- (2), and the groups (3) and categories (4) that it went to: no way leads back.
flows as (
    select
        account_key,
        currency,
        booking_month,
        category as source,
        1 as source_level,
        'Accounts' as target,
        2 as target_level,
        amount
    from nets
    where amount > 0
    union all
    select
        account_key,
        currency,
        booking_month,
        'Accounts' as source,
        2 as source_level,
        category_group as target,
        3 as target_level,
        -sum(amount) as amount
    from nets
    where amount < 0
    group by account_key, currency, booking_month, category_group
    union all
    select
        account_key,
        currency,
        booking_month,
        category_group as source,
        3 as source_level,
        category as target,
        4 as target_level,
        -amount as amount
    from nets
    where amount < 0
    union all
    select
        account_key,
        currency,
        booking_month,
        if(sum(amount) > 0, 'Accounts', 'From balances') as source,
        if(sum(amount) > 0, 2, 1) as source_level,
        if(sum(amount) > 0, 'To balances', 'Accounts') as target,
        if(sum(amount) > 0, 3, 2) as target_level,
        abs(sum(amount)) as amount
    from nets
    group by account_key, currency, booking_month
    having sum(amount) <> 0
)

select
    flows.account_key,
    accounts.account_name,
    flows.currency,
    flows.source,
    cast(flows.source_level as integer) as source_level,
    flows.target,
    cast(flows.target_level as integer) as target_level,
    cast(flows.amount as decimal(38, 4)) as amount,
    flows.booking_month
from flows
left join {{ ref('dim_account') }} as accounts on flows.account_key = accounts.account_key
order by flows.account_key, flows.currency, flows.booking_month, source_level, flows.source, flows.target
