-- Of several rules the least wins: by priority, then in the name before the text, then the longest.
with matches as (
    select
        *,
        {
            'priority': priority,
            'place': if(place = 'name', 0, 1),
            'brevity': -length,
            'category': category,
            'reason': {{ reason('field', 'priority', 'pattern') }} || ' in the ' || place
        } as rule
    from {{ ref('int_rule_matches') }}
),

winners as (
    select
        place,
        words,
        min(rule) filter (where direction <> 'out') as in_rule,
        min(rule) filter (where direction <> 'in') as out_rule
    from matches
    group by place, words
),

-- A shop's longest pattern names it: Amazon Prime is not Amazon.
known_merchants as (
    select
        words,
        arg_min(merchant, { 'brevity': -length, 'merchant': merchant }) as merchant
    from matches
    where merchant is not null
    group by words
),

named as (
    select
        wordings.*,
        known_merchants.merchant as known_merchant,
        coalesce({{ folded('known_merchants.merchant') }}, nullif(wordings.name_words, ''), lower(wordings.label))
            as merchant_key
    from {{ ref('int_wordings') }} as wordings
    left join known_merchants on wordings.name_words = known_merchants.words
),

-- One spelling for all: one with small letters before a shouted one, then the commonest.
spelt as (
    select
        merchant_key,
        arg_min(
            label, { 'is_shouted': label = upper(label), 'entries': -entries, 'label': label }
        ) as label
    from (
        select
            merchant_key,
            label,
            sum(entries) as entries
        from named
        group by merchant_key, label
    ) as spellings
    group by merchant_key
)

select
    named.wording_key,
    named.merchant_key,
    coalesce(named.known_merchant, {{ softened('spelt.label') }}) as merchant,
    least(name_rules.in_rule, text_rules.in_rule) as in_rule,
    least(name_rules.out_rule, text_rules.out_rule) as out_rule
from named
inner join spelt on named.merchant_key = spelt.merchant_key
left join winners as name_rules on name_rules.place = 'name' and named.name_words = name_rules.words
left join winners as text_rules on text_rules.place = 'text' and named.text_words = text_rules.words
