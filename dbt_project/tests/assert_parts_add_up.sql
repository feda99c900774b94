-- The parts of every transaction add up to it, and no transaction is without. Many: read as a stream, not kept.
with transactions as not materialized (select * from {{ ref('fct_transactions') }}),

parts as not materialized (
    select
        transaction_key,
        amount,
        base_amount,
        true as is_numbered
    from {{ ref('fct_transaction_parts') }}
    where not is_split
    union all
    select
        transaction_key,
        sum(amount) as amount,
        sum(base_amount) as base_amount,
        count(distinct part_number) = count(*) as is_numbered
    from {{ ref('fct_transaction_parts') }}
    where is_split
    group by transaction_key
)

select coalesce(transactions.transaction_key, parts.transaction_key) as transaction_key
from transactions
full join parts on transactions.transaction_key = parts.transaction_key
where
    coalesce(transactions.transaction_key, parts.transaction_key) is not null
    and (
        transactions.amount is distinct from parts.amount
        or transactions.base_amount is distinct from parts.base_amount
        or not parts.is_numbered
    )
union all
-- One that is whole and told twice would add up each time.
select 'as many wholes as transactions' as transaction_key
where (select count(*) from parts) <> (select count(*) from transactions)
