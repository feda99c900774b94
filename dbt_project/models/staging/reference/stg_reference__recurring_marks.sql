select
    series_key,
    mark,
    cast(decided_at as timestamp) as marked_at
from {{ source('reference', 'recurring_marks') }}
