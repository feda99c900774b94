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
    select distinct
        'mcc' as field,
        merchant_category_code as code
    from entries
    union all
    select distinct
        'bank_code' as field,
        bank_transaction_code as code
    from entries
    union all
    select distinct
        'purpose_code' as field,
        purpose_code as code
    from entries
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
