with shrunk as (select distinct extract_id from {{ ref('stg_gocardless__covered_days') }} where is_shrunk),

-- The moments at which the bank was asked what is pending now. An answer that shrank says nothing about that.
answers as (
    select
        extracts.extract_id,
        accounts.account_key,
        extracts.requested_at,
        dense_rank() over (partition by accounts.account_key order by extracts.requested_at) as moment
    from {{ ref('stg_gocardless__extracts') }} as extracts
    inner join {{ ref('stg_gocardless__accounts') }} as accounts on extracts.account_id = accounts.account_id
    left join shrunk on extracts.extract_id = shrunk.extract_id
    where
        extracts.endpoint = 'transactions'
        and extracts.is_good
        and extracts.date_to >= extracts.requested_date
        and shrunk.extract_id is null
),

asked as (
    select distinct
        account_key,
        moment,
        requested_at
    from answers
),

moments as (
    select
        account_key,
        moment,
        lead(requested_at) over (partition by account_key order by moment) as next_asked_at
    from asked
),

pending as (
    select distinct
        answers.account_key,
        entries.extract_id,
        try_cast(entries.entry_index as integer) as entry_index,
        {{ telling_id('entries.transaction_id') }} as transaction_id,
        {{ entry_counterparty() }} as counterparty,
        {{ entry_description() }} as description,
        entries.transaction_currency as currency,
        {{ money('entries.transaction_amount') }} as amount,
        answers.moment,
        {{ entry_day() }} as expected_date,
        answers.requested_at,
        moments.next_asked_at
    from {{ ref('stg_gocardless__entries') }} as entries
    inner join answers on entries.extract_id = answers.extract_id
    inner join moments on answers.account_key = moments.account_key and answers.moment = moments.moment
    where entries.booking_status = 'pending'
),

-- An id that the answer has but once names the entry; else its money, date and text do, and a number among equals.
named as (
    select
        md5(concat_ws('|', account_key, extract_id, entry_index)) as pending_key,
        *,
        case
            when transaction_id is not null and count(*) over (partition by extract_id, transaction_id) = 1
                then 'id:' || transaction_id
            else concat_ws(
                '|',
                'text',
                coalesce(cast(amount as varchar), ''),
                coalesce(currency, ''),
                coalesce(cast(expected_date as varchar), ''),
                coalesce(counterparty, ''),
                coalesce(description, ''),
                row_number() over (
                    partition by extract_id, amount, currency, expected_date, counterparty, description
                    order by entry_index
                )
            )
        end as pending_name
    from pending
)

select * from named
