-- Wide and many: read as a stream, not kept. Their order is that of fct_transactions.
with transactions as not materialized (select * from {{ ref('fct_transactions') }}),

splits as (
    select
        parts.*,
        categories.category_group,
        categories.category_kind
    from {{ ref('stg_reference__split_parts') }} as parts
    inner join {{ ref('dim_category') }} as categories on parts.category = categories.category
),

-- A split holds as long as its parts add up to what the bank says the transaction was.
whole as (
    select transactions.*
    from transactions
    anti join splits
        on transactions.transaction_key = splits.transaction_key and transactions.amount = splits.whole_amount
),

parts as (
    select
        transactions.* replace (
            splits.category as category,
            splits.category_group as category_group,
            splits.category_kind as category_kind,
            'you split it' as category_reason,
            coalesce(splits.note, transactions.note) as note,
            splits.amount as amount,
            -- Rounded as they add up, so that the parts make the whole in the base currency too.
            cast(
                {{ in_base('sum(splits.amount) over so_far', 'transactions.rate') }}
                - {{ in_base('(sum(splits.amount) over so_far - splits.amount)', 'transactions.rate') }}
                as decimal(19, 4)
            ) as base_amount
        ),
        splits.part_number
    from transactions
    inner join splits
        on transactions.transaction_key = splits.transaction_key and transactions.amount = splits.whole_amount
    window so_far as (partition by splits.transaction_key order by splits.part_number)
),

both_kinds as (
    select
        *,
        1 as part_number,
        false as is_split
    from whole
    union all
    select
        *,
        true as is_split
    from parts
)

select
    transaction_key,
    account_key,
    account_name,
    merchant_key,
    merchant,
    description,
    category,
    category_group,
    category_kind,
    category_reason,
    note,
    tags,
    currency,
    base_currency,
    part_number,
    amount,
    base_amount,
    is_split,
    booking_date,
    booking_month
from both_kinds
