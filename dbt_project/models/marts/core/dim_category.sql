select
    category,
    category_group,
    kind as category_kind,
    description
from {{ ref('categories') }}
