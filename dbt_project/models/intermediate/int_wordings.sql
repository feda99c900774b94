with entries as (
    select
        wording_key,
        counterparty,
        counterparty_account,
        description
    from ({{ from_every_provider('transactions') }}) as booked
    union all
    select
        wording_key,
        counterparty,
        counterparty_account,
        description
    from ({{ from_every_provider('pending_transactions') }}) as pending
),

grouped as (
    select
        wording_key,
        any_value(counterparty) as counterparty,
        any_value(description) as description,
        any_value(counterparty_account) as counterparty_account,
        count(*) as entries
    from entries
    group by wording_key
),

wordings as (
    select
        wording_key,
        {{ wording('counterparty') }} as name,
        {{ wording('description') }} as text,
        counterparty_account,
        entries
    from grouped
),

-- Some banks write semicolons for all blanks.
spaced as (
    select * replace (if(contains(text, ' '), text, replace(text, ';', ' ')) as text) from wordings
),

-- Who was paid stands in the name, else behind a word that announces it, else at the text's beginning.
candidates as (
    select
        wording_key,
        1 as candidate,
        trim(name) as candidate_text
    from spaced
    where
        not regexp_full_match(trim(name), {{ text_pattern('service_name') }})
        and not regexp_full_match(trim(name), {{ text_pattern('opening', after='[^\\pL]*') }})
    union all
    select
        wording_key,
        2 as candidate,
        regexp_extract(
            text,
            {{ text_pattern('before', after='\\s*(.+?)\\s*(?:' ~ text_pattern('after', is_part=true) ~ '|$)') }},
            1
        ) as candidate_text
    from spaced
    union all
    select
        wording_key,
        3 as candidate,
        text as candidate_text
    from spaced
),

-- What stands before a separator is the shop; towns, terminals and cards come behind it.
segments as (
    select
        wording_key,
        candidate,
        unnest(pieces) as segment,
        generate_subscripts(pieces, 1) as place
    from (
        select
            wording_key,
            candidate,
            regexp_split_to_array(trim(candidate_text), {{ text_pattern('separator') }}) as pieces
        from candidates
        where candidate_text <> ''
    )
),

opened as (
    select
        wording_key,
        candidate,
        place,
        case
            when candidate = 1 then trim(segment)
            else regexp_replace(
                trim(segment),
                {{ text_pattern('opening', before='^(?:[^\\pL\\pN]*', after='(?:[^\\pL\\pN]+|$))+') }},
                ''
            )
        end as segment
    from segments
),

seen_through as (
    select
        wording_key,
        candidate,
        place,
        regexp_replace(
            regexp_replace(segment, {{ text_pattern('service', before='^(?:', after='[\\s_]*[*]+\\s*)+') }}, ''),
            {{ text_pattern('open_service', before='^', after='[\\s.:*-]+') }},
            ''
        ) as segment
    from opened
),

cleaned as (
    select
        wording_key,
        candidate,
        place,
        {% set noise = text_pattern('noise') -%}
        trim(regexp_replace(
            trim(regexp_replace(
                trim(case
                    when candidate > 1 and segment = upper(segment)
                        then regexp_replace(segment, {{ text_pattern('country') }}, '')
                    else segment
                end),
                {{ noise }}, ' ', 'g'
            )),
            {{ noise }}, ' ', 'g'
        )) as label
    from seen_through
),

labelled as (
    select
        wording_key,
        arg_min(regexp_replace(label, '\s+', ' ', 'g'), candidate * 1000 + place) as label
    from cleaned
    where regexp_matches(label, '\pL.*[\pL\pN]|\pN.*[\pL&]')
    group by wording_key
),

-- Where nothing is left, the service, the booking word or the account is all that the bank told.
named as (
    select
        spaced.wording_key,
        spaced.text,
        spaced.entries,
        coalesce(
            labelled.label,
            nullif(trim(regexp_replace(spaced.name, '\s+', ' ', 'g')), ''),
            nullif(trim(regexp_replace(spaced.text, '[^\pL&]+', ' ', 'g')), ''),
            spaced.counterparty_account,
            'Unknown'
        ) as label
    from spaced
    left join labelled on spaced.wording_key = labelled.wording_key
)

select
    wording_key,
    label,
    {{ without_legal_form(folded('label')) }} as name_words,
    {{ folded('text') }} as text_words,
    entries
from named
