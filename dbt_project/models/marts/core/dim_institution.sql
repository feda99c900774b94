with links as ({{ from_every_provider('accounts') }})

select
    institution_id,
    -- The provider's ids are a name and a BIC: there is no list of institutions in the lake.
    array_to_string(
        list_transform(
            string_split(regexp_replace(institution_id, '_[A-Z0-9]{8,11}$', ''), '_'),
            lambda word: upper(left(word, 1)) || lower(substring(word, 2))
        ),
        ' '
    ) as institution_name,
    coalesce(
        arg_max(left(bic, 8), last_fetched_at) filter (where bic <> ''),
        nullif(regexp_extract(institution_id, '_([A-Z0-9]{8})[A-Z0-9]{0,3}$', 1), '')
    ) as bic,
    nullif(
        regexp_extract(
            coalesce(
                arg_max(bic, last_fetched_at) filter (where bic <> ''),
                regexp_extract(institution_id, '_([A-Z0-9]{8,11})$', 1)
            ),
            '^[A-Z0-9]{4}([A-Z]{2})', 1
        ),
        ''
    ) as country,
    cast(count(distinct account_key) as integer) as accounts,
    min(first_fetched_at) as first_fetched_at,
    max(last_fetched_at) as last_fetched_at
from links
where institution_id is not null
group by institution_id
order by institution_id
