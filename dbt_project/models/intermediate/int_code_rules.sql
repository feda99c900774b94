with entries as (
    select
        merchant_category_code,
        bank_transaction_code,
        purpose_code
    from ({{ from_every_provider('transactions') }}) as booked
    union
    select
        merchant_category_code,
        bank_transaction_code,
        purpose_code
    from ({{ from_every_provider('pending_transactions') }}) as pending
),

codes as (
    {% for field, column in code_fields().items() -%}
    select distinct
        '{{ field }}' as field,
        {{ column }} as code
    from entries
    where {{ column }} is not null
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- endfor %}
),

-- A trade's rule lists codes and ranges of them; the others' are patterns with stars.
patterns as (
    select
        *,
        unnest(if(field = 'mcc', string_split(pattern, ' '), [pattern])) as part
    from {{ ref('int_rules') }}
    where field in ('mcc', 'bank_code', 'purpose_code')
),

matched as (
    select
        codes.field,
        codes.code,
        patterns.priority,
        patterns.direction,
        patterns.category,
        patterns.part
    from codes
    inner join patterns
        on
            codes.field = patterns.field
            and case
                when codes.field = 'mcc'
                    then codes.code between split_part(patterns.part, '-', 1) and split_part(patterns.part, '-', -1)
                else upper(codes.code) glob patterns.part
            end
)

select
    field,
    code,
    {% for direction in ['in', 'out'] -%}
    min({{ rule('priority', '2', '-length(part)', 'category', "replace(field, '_', ' ') || ' rule ' || priority || ' “' || part || '”'") }})
        filter (where direction in ('any', '{{ direction }}')) as {{ direction }}_rule{{ "," if not loop.last }}
    {% endfor %}
from matched
group by field, code
