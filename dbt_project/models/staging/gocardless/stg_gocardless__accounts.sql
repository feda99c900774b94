-- A table, for every other model asks which account is behind a link, and landing is far away.
{{ config(materialized='table') }}

with good_extracts as (
    select
        extract_id,
        account_id,
        requested_at
    from {{ ref('stg_gocardless__extracts') }}
    where is_good
),

links as (
    select
        account_id,
        min(requested_at) as first_fetched_at,
        max(requested_at) as last_fetched_at
    from good_extracts
    group by account_id
),

metadata as (
    select accounts.*
    from {{ source('landing', 'accounts') }} as accounts
    inner join good_extracts on accounts.extract_id = good_extracts.extract_id
    qualify row_number() over (
        partition by accounts.account_id order by good_extracts.requested_at desc, accounts.extract_id desc
    ) = 1
),

details as (
    select details.*
    from {{ source('landing', 'details') }} as details
    inner join good_extracts on details.extract_id = good_extracts.extract_id
    qualify row_number() over (
        partition by details.account_id order by good_extracts.requested_at desc, details.extract_id desc
    ) = 1
),

merged as (
    select
        links.account_id,
        metadata.institution_id,
        details.resource_id,
        {{ normalised_iban("coalesce(nullif(details.iban, ''), metadata.iban)") }} as iban,
        coalesce(nullif(details.bban, ''), nullif(metadata.bban, '')) as bban,
        coalesce(
            nullif(details.display_name, ''),
            nullif(details.name, ''),
            nullif(metadata.name, ''),
            nullif(details.product, ''),
            nullif(details.cash_account_type, '')
        ) as account_name,
        details.product,
        details.cash_account_type,
        nullif(trim(details.currency), '') as currency,
        metadata.status,
        details.bic,
        links.first_fetched_at,
        links.last_fetched_at
    from links
    left join metadata on links.account_id = metadata.account_id
    left join details on links.account_id = details.account_id
),

-- A link whose details never came shares the currency of the other links of its IBAN, where they have but one.
with_currency as (
    select
        * exclude (currency),
        coalesce(
            currency,
            case
                when
                    iban is not null
                    and min(currency) over (partition by iban) = max(currency) over (partition by iban)
                    then max(currency) over (partition by iban)
            end
        ) as currency
    from merged
),

keyed as (
    select
        with_currency.account_id,
        account_keys.account_key,
        with_currency.institution_id,
        with_currency.bic,
        with_currency.resource_id,
        with_currency.iban,
        with_currency.bban,
        with_currency.account_name,
        with_currency.product,
        with_currency.cash_account_type,
        with_currency.currency,
        with_currency.status,
        with_currency.first_fetched_at,
        with_currency.last_fetched_at
    from with_currency
    inner join {{ ref('stg_gocardless__account_keys') }} as account_keys
        on with_currency.account_id = account_keys.account_id
)

select * from keyed
