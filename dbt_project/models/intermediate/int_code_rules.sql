with codes as (
    {%- for field, column in code_fields().items() %}
        {%- for entity in ['transactions', 'pending_transactions'] %}
            select
                '{{ field }}' as field,
                {{ column }} as code
            from ({{ from_every_provider(entity) }}) as entries
            {% if not loop.last %}union{% endif %}
        {%- endfor %}
        {% if not loop.last %}union{% endif %}
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
        patterns.direction,
        {
            'priority': patterns.priority,
            'place': 2,
            'brevity': -length(patterns.part),
            'category': patterns.category,
            'reason': {{ reason('codes.field', 'patterns.priority', 'patterns.part') }}
        } as rule
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
    min(rule) filter (where direction <> 'out') as in_rule,
    min(rule) filter (where direction <> 'in') as out_rule
from matched
group by field, code
