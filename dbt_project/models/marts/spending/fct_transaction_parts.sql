with transactions as (select * from {{ ref('fct_transactions') }}),

-- A split holds as long as its parts add up to what the bank says the transaction was.
parts as (
    select
        parts.*,
        categories.category_group,
        categories.category_kind,
        -- Rounded as they add up, so that the parts make the whole in the base currency too.
        {{ in_base('sum(parts.amount) over so_far', 'transactions.rate') }}
        - {{ in_base('(sum(parts.amount) over so_far - parts.amount)', 'transactions.rate') }} as base_amount
    from {{ ref('stg_reference__split_parts') }} as parts
    inner join transactions
        on parts.transaction_key = transactions.transaction_key and parts.whole_amount = transactions.amount
    inner join {{ ref('dim_category') }} as categories on parts.category = categories.category
    window so_far as (partition by parts.transaction_key order by parts.part_number)
)

select
    transactions.transaction_key,
    transactions.account_key,
    transactions.account_name,
    transactions.merchant_key,
    transactions.merchant,
    transactions.description,
    coalesce(parts.category, transactions.category) as category,
    coalesce(parts.category_group, transactions.category_group) as category_group,
    coalesce(parts.category_kind, transactions.category_kind) as category_kind,
    if(parts.transaction_key is null, transactions.category_reason, 'you split it') as category_reason,
    coalesce(parts.note, transactions.note) as note,
    transactions.tags,
    transactions.currency,
    transactions.base_currency,
    coalesce(parts.part_number, 1) as part_number,
    coalesce(parts.amount, transactions.amount) as amount,
    case
        when parts.transaction_key is null then transactions.base_amount
        else cast(parts.base_amount as decimal(19, 4))
    end as base_amount,
    parts.transaction_key is not null as is_split,
    transactions.booking_date,
    transactions.booking_month
from transactions
left join parts on transactions.transaction_key = parts.transaction_key
order by transactions.booking_date, transactions.transaction_key, part_number
