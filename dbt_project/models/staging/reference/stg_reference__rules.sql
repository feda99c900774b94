select
    field,
    pattern,
    direction,
    category,
    cast(priority as integer) as priority
from {{ source('reference', 'rules') }}
