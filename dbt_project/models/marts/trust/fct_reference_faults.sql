select
    reference_table,
    object_key,
    row_number,
    mistake
from {{ source('reference', 'faults') }}
