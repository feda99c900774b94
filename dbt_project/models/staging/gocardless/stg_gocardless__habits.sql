-- A table, for entries are read often, and hardly any account is at such a bank.
{{ config(materialized='table') }}

with links as (select * from {{ ref('stg_gocardless__accounts') }}),

bank_habits as (select * from {{ ref('bank_habits') }}),

extracts as (select * from {{ ref('stg_gocardless__extracts') }}),

-- At a bank of cards and accounts alike, what is known to be no card has its signs right.
known as (
    select
        links.account_id,
        links.currency as account_currency,
        bool_or(
            bank_habits.habit = 'flipped_card' and coalesce(links.cash_account_type, 'CARD') = 'CARD'
        ) as is_flipped,
        bool_or(bank_habits.habit = 'billed_in_text') as is_billed_in_text,
        bool_or(bank_habits.habit = 'unsigned_pending') as is_unsigned_pending
    from links
    inner join bank_habits on ends_with(links.institution_id, bank_habits.institution_id_ending)
    group by links.account_id, links.currency
)

select
    extracts.extract_id,
    known.account_currency,
    known.is_flipped,
    known.is_billed_in_text,
    known.is_unsigned_pending
from extracts
inner join known on extracts.account_id = known.account_id
