with
{% for place in ['name', 'text'] -%}
{{ place }}_rules as (
    select
        words,
        {% for direction in ['in', 'out'] -%}
        min({{ rule('priority', "if(place = 'name', 0, 1)", '-length', 'category', "field || ' rule ' || priority || ' “' || pattern || '” in the ' || place") }})
            filter (where direction in ('any', '{{ direction }}')) as {{ direction }}_rule{{ "," if not loop.last }}
        {% endfor %}
    from {{ ref('int_rule_matches') }}
    where place = '{{ place }}'
    group by words
),

{% endfor -%}
-- A shop's longest pattern names it: Amazon Prime is not Amazon.
known_merchants as (
    select
        words,
        arg_min(merchant, { 'brevity': -length, 'merchant': merchant }) as merchant
    from {{ ref('int_rule_matches') }}
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
    )
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
left join name_rules on named.name_words = name_rules.words
left join text_rules on named.text_words = text_rules.words
