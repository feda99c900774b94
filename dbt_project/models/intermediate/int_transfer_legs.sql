with transactions as ({{ from_every_provider('transactions') }}),

links as ({{ from_every_provider('accounts') }}),

evidence as ({{ from_every_provider('account_evidence') }}),

-- Everything by which others may name our accounts: IBANs, domestic numbers and cards' last digits.
own_numbers as (
    select
        {{ comparable_number('evidence.evidence_number') }} as account_number,
        list_sort(list(distinct links.account_key)) as account_keys
    from evidence
    inner join links on evidence.account_id = links.account_id
    where evidence.strength in (1, 2, 4)
    group by all
),

legs as (
    select
        *,
        coalesce({{ comparable_number('counterparty_account') }}, counterparty_iban) as counterparty_number,
        {{ week_number('booking_date') }} as week
    from transactions
    -- What a card paid in a shop or at a machine is no transfer, unless it filled another account.
    where
        amount <> 0
        and coalesce(bank_transaction_code, '') not similar to '.*-CCRD-(POSD|POSP|CWDL|RIMB|CDPT|XBCP)'
        and coalesce(merchant_category_code, '') in ('', '4829', '6010', '6012', '6538', '6540')
)

select
    legs.transaction_key,
    legs.account_key,
    own_numbers.account_keys as named_account_keys,
    legs.counterparty,
    legs.description,
    legs.currency,
    legs.amount,
    legs.instructed_currency,
    legs.instructed_amount,
    -- The IBAN of someone whose account is not linked here.
    own_numbers.account_keys is null and {{ is_iban('legs.counterparty_iban') }} as names_a_stranger,
    regexp_matches(lower(coalesce(legs.description, '')), '{{ card_settlement_texts() }}') as is_card_settlement,
    legs.booking_date,
    legs.week
from legs
left join own_numbers on legs.counterparty_number = own_numbers.account_number
