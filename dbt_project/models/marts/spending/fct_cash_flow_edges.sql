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

-- From where money came to an account, and from there to where it went; what stays is the change of its balance.
flows as (
    select
        account_key,
        currency,
        booking_month,
        if(amount > 0, category, 'Accounts') as source,
        if(amount > 0, 'Accounts', category_group) as target,
        abs(amount) as amount
    from nets
    where amount <> 0
    union all
    select
        account_key,
        currency,
        booking_month,
        category_group as source,
        category as target,
        -amount as amount
    from nets
    where amount < 0
    union all
    select
        account_key,
        currency,
        booking_month,
        if(sum(amount) > 0, 'Accounts', 'From balances') as source,
        if(sum(amount) > 0, 'To balances', 'Accounts') as target,
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
    flows.target,
    cast(sum(flows.amount) as decimal(38, 4)) as amount,
    flows.booking_month
from flows
left join {{ ref('dim_account') }} as accounts on flows.account_key = accounts.account_key
group by all
order by flows.account_key, flows.currency, flows.booking_month, flows.source, flows.target
