with parts as (select * from {{ ref('fct_transaction_parts') }}),

nets as (
    select
        currency,
        booking_month,
        category_kind,
        category_group,
        category,
        sum(amount) as amount
    from parts
    group by all
),

-- From where money came to the accounts, and from there to where it went; what stays is the change of the balance.
flows as (
    select
        currency,
        booking_month,
        if(amount > 0, category, 'Accounts') as source,
        if(amount > 0, 'Accounts', category_group) as target,
        abs(amount) as amount
    from nets
    where amount <> 0
    union all
    select
        currency,
        booking_month,
        category_group as source,
        category as target,
        -amount as amount
    from nets
    where amount < 0
    union all
    select
        currency,
        booking_month,
        if(sum(amount) > 0, 'Accounts', 'From balances') as source,
        if(sum(amount) > 0, 'To balances', 'Accounts') as target,
        abs(sum(amount)) as amount
    from nets
    group by currency, booking_month
    having sum(amount) <> 0
)

select
    currency,
    source,
    target,
    cast(sum(amount) as decimal(38, 4)) as amount,
    booking_month
from flows
group by all
order by currency, booking_month, source, target
