with links as ({{ from_every_provider('accounts') }}),

namings as (select * from {{ ref('stg_reference__account_names') }}),

extracts as ({{ from_every_provider('extracts') }}),

balances as ({{ from_every_provider('balances') }}),

transactions as ({{ from_every_provider('transactions') }}),

accounts as (
    select
        account_key,
        array_agg(account_id order by last_fetched_at desc, account_id asc) as account_ids,
        arg_max(institution_id, last_fetched_at) as institution_id,
        arg_max(account_name, last_fetched_at) as account_name,
        arg_max(iban, last_fetched_at) as iban,
        arg_max(product, last_fetched_at) as product,
        arg_max(cash_account_type, last_fetched_at) as cash_account_type,
        arg_max(currency, last_fetched_at) as currency,
        max(last_fetched_at) as last_fetched_at
    from links
    group by account_key
),

-- As was known when the account was asked last; of two links, the newer one counts.
consents as (
    select
        links.account_key,
        max_by(
            struct_pack(given_at := extracts.consent_given_at, ends_at := extracts.consent_ends_at),
            (extracts.requested_at, extracts.consent_given_at)
        ) as consent
    from extracts
    inner join links on extracts.account_id = links.account_id
    where extracts.consent_given_at is not null
    group by links.account_key
),

-- The owner names a link, and by it the account: the newest naming of any of its links counts.
given_names as (
    select
        links.account_key,
        namings.account_name
    from links
    inner join namings on links.provider = namings.provider and links.account_id = namings.account_id
    qualify row_number() over (
        partition by links.account_key order by namings.named_at desc, namings.account_id asc
    ) = 1
),

activity as (
    select
        account_key,
        count(*) as transactions,
        min(currency) as currency,
        min(booking_date) as first_booking_date,
        max(booking_date) as last_booking_date
    from transactions
    group by account_key
),

-- An account can hold several currencies: what is told here is what it holds in its own.
own_balances as (
    select balances.*
    from balances
    left join accounts on balances.account_key = accounts.account_key
    left join activity on balances.account_key = activity.account_key
    where coalesce(balances.currency = coalesce(accounts.currency, activity.currency), true)
),

ledger as (
    select balances.*
    from {{ ref('int_ledger_balances') }} as balances
    left join accounts on balances.account_key = accounts.account_key
    left join activity on balances.account_key = activity.account_key
    where coalesce(balances.currency = coalesce(accounts.currency, activity.currency), true)
    qualify row_number() over (
        partition by balances.account_key order by balances.requested_at desc, balances.currency asc
    ) = 1
),

available as (
    select
        account_key,
        amount
    from own_balances
    where
        amount is not null
        and balance_source = 'endpoint'
        and lower(balance_type) in ('interimavailable', 'closingavailable', 'forwardavailable')
    qualify row_number() over (
        partition by account_key
        order by
            requested_at desc,
            case lower(balance_type) when 'interimavailable' then 1 when 'closingavailable' then 2 else 3 end asc,
            currency asc,
            amount asc
    ) = 1
)

select
    accounts.account_key,
    accounts.account_ids,
    accounts.institution_id,
    coalesce(
        given_names.account_name, accounts.account_name, 'Account ' || left(accounts.account_key, 6)
    ) as account_name,
    left(accounts.iban, 2) || ' •••• ' || right(accounts.iban, 4) as iban_masked,
    accounts.product,
    accounts.cash_account_type,
    coalesce(accounts.currency, activity.currency) as currency,
    cast(ledger.amount as decimal(19, 4)) as ledger_balance,
    cast(available.amount as decimal(19, 4)) as available_balance,
    cast(coalesce(activity.transactions, 0) as integer) as transactions,
    ledger.balance_date as ledger_balance_date,
    activity.first_booking_date,
    activity.last_booking_date,
    accounts.last_fetched_at,
    consents.consent.given_at as consent_given_at,
    consents.consent.ends_at as consent_ends_at
from accounts
left join given_names on accounts.account_key = given_names.account_key
left join ledger on accounts.account_key = ledger.account_key
left join available on accounts.account_key = available.account_key
left join activity on accounts.account_key = activity.account_key
left join consents on accounts.account_key = consents.account_key
