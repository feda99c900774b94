with versions as ({{ from_every_provider('transaction_versions') }})

select
    transaction_key,
    account_key,
    first_extract_id,
    last_extract_id,
    transaction_id,
    internal_transaction_id,
    counterparty,
    description,
    currency,
    changed_fields,
    amount,
    cast(version as integer) as version,
    cast(versions as integer) as versions,
    cast(answers as integer) as answers,
    is_current,
    booking_date,
    value_date,
    first_seen_at,
    last_seen_at,
    last_settled_at
from versions
