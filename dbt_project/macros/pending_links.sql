{#-
    Two steps of fct_pending_links, for exact sums and for near ones.

    What makes a booked entry a pending one's: how near amount, words, days and ids are, 0 to 1 in all.
-#}
{% macro pending_links_measured(pairs) -%}
    select
        pairs.announcement_key as left_key,
        pairs.transaction_key as right_key,
        coalesce(list_contains(booked.transaction_ids, spans.transaction_id), false) as is_same_id,
        spans.amount = booked.amount as is_same_amount,
        abs(spans.amount) = abs(booked.amount) as is_same_size,
        booked.first_seen_at <= spans.gone_at as is_handed_over,
        {{ shared_words('spans.words', 'booked.words') }} as likeness,
        -- Outside the time from the first word of the entry to the day expected for it.
        least(
            greatest(0, spans.span_start - booked.booking_date, booked.booking_date - spans.span_end),
            greatest(
                0,
                spans.span_start - coalesce(booked.value_date, booked.booking_date),
                coalesce(booked.value_date, booked.booking_date) - spans.span_end
            )
        ) as days,
        case
            when spans.amount = booked.amount then 1
            when abs(spans.amount) = abs(booked.amount) then 0.7
            else greatest(0, 1 - abs(booked.amount - spans.amount) / nullif(0.3 * abs(spans.amount), 0))
        end as amount_likeness,
        cast(least(abs(booked.booking_date - spans.likely_date), 30) as decimal(9, 6)) / 10000
        + cast(least(abs(booked.ordinal - spans.ordinal), 90) as decimal(9, 6)) / 100000 as tie_break
    from {{ pairs }} as pairs
    inner join spans on pairs.announcement_key = spans.announcement_key
    -- The words and places of those alone that may be the ones: both are slow to tell.
    inner join (
        select
            *,
            {{ telling_words("concat_ws(' ', counterparty, description)") }} as words,
            row_number() over (
                partition by account_key, currency, abs(amount), booking_date, counterparty, description
                order by transaction_key
            ) as ordinal
        from booked_entries
        where (account_key, booking_date) in (
            select (likely.account_key, likely.booking_date)
            from booked_entries as likely
            semi join {{ pairs }} as likely_pairs on likely.transaction_key = likely_pairs.transaction_key
        )
    ) as booked on pairs.transaction_key = booked.transaction_key
{%- endmacro %}

{% macro pending_links_scored(measured) -%}
    select
        *,
        cast(
            greatest(
                0,
                least(
                    1,
                    0.4 * amount_likeness + 0.25 * likeness + 0.2 * greatest(0, 1 - days / 31.0)
                    + 0.15 * cast(is_handed_over as integer) + 0.3 * cast(is_same_id as integer)
                ) - tie_break
            ) as decimal(9, 6)
        ) as score
    from {{ measured }}
{%- endmacro %}
