-- Each merchant of the list is known by its own name, as itself and with its own category.
with wordings as (
    select
        merchant,
        category,
        'name' as place,
        {{ without_legal_form(folded('merchant')) }} as words
    from {{ ref('merchants') }}
),

matches as ({{ matching_rules('wordings') }}),

winners as (
    select
        words,
        arg_min(category, { 'priority': priority, 'brevity': -length, 'category': category }) as category,
        arg_min(merchant, { 'brevity': -length, 'merchant': merchant }) filter (where merchant is not null) as merchant
    from matches
    where direction in ('any', 'out') and priority >= {{ shipped_priorities() }}
    group by words
)

select
    wordings.merchant,
    winners.category,
    winners.merchant as found
from wordings
left join winners on wordings.words = winners.words
where winners.category is distinct from wordings.category or winners.merchant is distinct from wordings.merchant
