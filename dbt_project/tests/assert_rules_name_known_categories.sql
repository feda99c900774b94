select rules.category
from {{ ref('category_rules') }} as rules
left join {{ ref('dim_category') }} as categories on rules.category = categories.category
where
    categories.category is null
    or rules.field not in ('text', 'mcc', 'bank_code')
