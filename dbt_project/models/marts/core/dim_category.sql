select
    category,
    category_group,
    kind as category_kind
from {{ ref('categories') }}
