with links as ({{ from_every_provider('accounts') }}),

told as ({{ from_every_provider('institutions') }}),

linked as (
    select
        institution_id,
        arg_max(bic, last_fetched_at) filter (where bic <> '') as bic_of_accounts,
        nullif(regexp_extract(institution_id, '_([A-Z0-9]{8,11})$', 1), '') as bic_of_id,
        cast(count(distinct account_key) as integer) as accounts,
        min(first_fetched_at) as first_fetched_at,
        max(last_fetched_at) as last_fetched_at
    from links
    where institution_id is not null
    group by institution_id
),

-- Of a bank that was not asked about yet, or is known no more, the accounts and the id itself tell: a name and a BIC.
described as (
    select
        linked.*,
        told.countries,
        told.logo,
        told.history_days,
        told.access_days,
        coalesce(
            told.institution_name,
            array_to_string(
                list_transform(
                    string_split(regexp_replace(linked.institution_id, '_[A-Z0-9]{8,11}$', ''), '_'),
                    lambda word: upper(left(word, 1)) || lower(substring(word, 2))
                ),
                ' '
            )
        ) as institution_name,
        coalesce(linked.bic_of_accounts, told.bic, linked.bic_of_id) as bic
    from linked
    left join told on linked.institution_id = told.institution_id
)

select
    institution_id,
    institution_name,
    left(bic, 8) as bic,
    -- A bank of many countries has its home in the BIC's.
    coalesce(
        case when len(countries) = 1 then countries[1] end,
        nullif(regexp_extract(bic, '^[A-Z0-9]{4}([A-Z]{2})', 1), '')
    ) as country,
    countries,
    logo,
    history_days,
    access_days,
    accounts,
    first_fetched_at,
    last_fetched_at
from described
order by institution_id
