with extracts as (
    select
        extract_id,
        account_id,
        requested_at
    from {{ ref('stg_gocardless__extracts') }}
    where is_good
),

metadata as (
    select
        extracts.account_id,
        extracts.requested_at,
        nullif(accounts.institution_id, '') as institution_id,
        accounts.iban,
        accounts.bban
    from {{ source('landing', 'accounts') }} as accounts
    inner join extracts on accounts.extract_id = extracts.extract_id
),

details as (
    select
        extracts.account_id,
        extracts.requested_at,
        details.iban,
        coalesce(nullif(details.bban, ''), details.scan) as bban,
        nullif(trim(details.resource_id), '') as resource_id,
        details.masked_pan,
        nullif(lower(trim(coalesce(nullif(details.product, ''), details.details))), '') as product,
        nullif(upper(trim(details.currency)), '') as currency
    from {{ source('landing', 'details') }} as details
    inner join extracts on details.extract_id = extracts.extract_id
),

-- All that the bank said of a link in one sync.
said as (
    select
        coalesce(details.account_id, metadata.account_id) as account_id,
        coalesce(details.requested_at, metadata.requested_at) as requested_at,
        metadata.institution_id,
        {{ normalised_iban("coalesce(nullif(details.iban, ''), metadata.iban)") }} as iban,
        {{ normalised_number("coalesce(nullif(details.bban, ''), metadata.bban)") }} as bban,
        details.resource_id,
        nullif({{ masked_card_number(
            "details.masked_pan", "coalesce(nullif(details.iban, ''), metadata.iban)"
        ) }}, '') as card_number,
        details.product,
        details.currency
    from metadata
    full join details on metadata.account_id = details.account_id and metadata.requested_at = details.requested_at
),

-- What one answer left out, another one of the link may have said.
remembered as (
    select
        * exclude (institution_id, currency),
        coalesce(institution_id, arg_max(institution_id, requested_at) over link) as institution_id,
        coalesce(currency, arg_max(currency, requested_at) over link) as known_currency
    from said
    window link as (partition by account_id)
),

-- A link whose details never came shares the currency of the other links of its IBAN, where they have but one.
completed as (
    select
        *,
        coalesce(
            known_currency,
            case
                when min(known_currency) over (partition by iban) = max(known_currency) over (partition by iban)
                    then max(known_currency) over (partition by iban)
            end
        ) as currency
    from remembered
),

links as (
    select
        account_id,
        min(requested_at) as first_fetched_at
    from extracts
    group by account_id
),

first_said as (
    select
        links.account_id,
        said.institution_id,
        said.iban,
        said.bban,
        said.resource_id,
        said.card_number,
        said.product,
        said.currency
    from links
    left join said on links.account_id = said.account_id and links.first_fetched_at = said.requested_at
),

-- Nothing that comes later changes what the first sync told: a name made of it lasts.
evidence as (
    select
        *,
        true as is_first,
        false as is_bond
    from ({{ account_evidence('first_said') }}) as first_evidence
    union all
    select
        *,
        false as is_first,
        true as is_bond
    from ({{ account_evidence('completed') }}) as all_evidence
)

select
    evidence.account_id,
    evidence.evidence,
    evidence.evidence_number,
    evidence.strength,
    bool_or(evidence.is_first) as is_first,
    bool_or(evidence.is_bond) as is_bond,
    links.first_fetched_at
from evidence
inner join links on evidence.account_id = links.account_id
where evidence.evidence is not null
group by all
