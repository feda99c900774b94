{% set days, least_score = (-2, 6), 0.45 %}

with legs as (select * from {{ ref('int_transfer_legs') }}),

outflows as (select * from legs where amount < 0),

-- An inflow is looked for in its own week and those beside it.
inflows as (
    select
        *,
        unnest([week - 1, week, week + 1]) as near_week
    from legs
    where amount > 0
),

decisions as (select * from {{ ref('stg_reference__transfer_decisions') }}),

same_currency as (
    {{ transfer_pairs('same amount', 0.25, days, [
        'outflows.currency = inflows.currency',
        '-outflows.amount = inflows.amount',
        'outflows.account_key <> inflows.account_key',
    ]) }}
),

-- Money that was exchanged on the way: either side may tell what the other one has.
exchanged as (
    {{ transfer_pairs('amount before the exchange', 0.25, days, [
        'outflows.instructed_currency = inflows.currency',
        'outflows.instructed_amount = inflows.amount',
        'outflows.currency <> inflows.currency',
        'outflows.account_key <> inflows.account_key',
    ]) }}
    union
    {{ transfer_pairs('amount before the exchange', 0.25, days, [
        'outflows.currency = inflows.instructed_currency',
        '-outflows.amount = inflows.instructed_amount',
        'outflows.currency <> inflows.currency',
        'outflows.account_key <> inflows.account_key',
    ]) }}
),

-- A number can be of several accounts: those of a bank that has one number for all currencies.
naming_outflows as (
    select
        *,
        unnest(named_account_keys) as named_account_key
    from outflows
),

naming_inflows as (
    select
        *,
        unnest(named_account_keys) as named_account_key
    from inflows
),

-- Where neither side tells it, each has to name the other's account.
named_each_other as (
    {{ transfer_pairs('other currency', 0.1, days, [
        'outflows.named_account_key = inflows.account_key',
        'outflows.account_key = inflows.named_account_key',
        'outflows.currency <> inflows.currency',
    ], outflows='naming_outflows', inflows='naming_inflows') }}
),

confirmed as (
    select
        decisions.outflow_transaction_key as left_key,
        decisions.inflow_transaction_key as right_key,
        'confirmed by the owner' as amount_reason,
        2 as amount_score
    from decisions
    inner join legs as outflows on decisions.outflow_transaction_key = outflows.transaction_key
    inner join legs as inflows on decisions.inflow_transaction_key = inflows.transaction_key
    where
        decisions.decision = 'confirmed'
        and outflows.amount < 0 and inflows.amount > 0 and outflows.account_key <> inflows.account_key
),

-- What the owner rejected is never proposed again.
pairs as (
    select
        found.left_key,
        found.right_key,
        arg_max(found.amount_reason, found.amount_score) as amount_reason,
        max(found.amount_score) as amount_score
    from (
        select * from same_currency
        union all
        select * from exchanged
        union all
        select * from named_each_other
        union all
        select * from confirmed
    ) as found
    anti join decisions
        on
            found.left_key = decisions.outflow_transaction_key
            and found.right_key = decisions.inflow_transaction_key
            and decisions.decision = 'rejected'
    group by all
),

-- Legs of a day that are alike are paired in their order, so that no order of rows matters.
worded as (
    select
        transaction_key,
        {{ telling_words('counterparty') }} as name_words,
        {{ telling_words('description') }} as text_words,
        row_number() over (
            partition by account_key, currency, amount, booking_date order by transaction_key
        ) as ordinal
    from legs
    where
        transaction_key in (select pairs.left_key from pairs)
        or transaction_key in (select pairs.right_key from pairs)
),

measured as (
    select
        pairs.*,
        coalesce(list_contains(outflows.named_account_keys, inflows.account_key), false) as names_inflow,
        coalesce(list_contains(inflows.named_account_keys, outflows.account_key), false) as names_outflow,
        outflows.names_a_stranger
        or inflows.names_a_stranger
        or not list_contains(outflows.named_account_keys, inflows.account_key)
        or not list_contains(inflows.named_account_keys, outflows.account_key) as is_contradicted,
        {{ shared_words('out_words.name_words', 'in_words.name_words') }} as name_likeness,
        {{ shared_words('out_words.text_words', 'in_words.text_words') }} as text_likeness,
        len(out_words.name_words) > 0 and len(in_words.name_words) > 0 as are_both_named,
        count(*) over (partition by pairs.left_key) = 1
        and count(*) over (partition by pairs.right_key) = 1 as is_only_pair,
        inflows.booking_date - outflows.booking_date as days_between,
        abs(out_words.ordinal - in_words.ordinal) as places_between
    from pairs
    inner join outflows on pairs.left_key = outflows.transaction_key
    inner join legs as inflows on pairs.right_key = inflows.transaction_key
    inner join worded as out_words on pairs.left_key = out_words.transaction_key
    inner join worded as in_words on pairs.right_key = in_words.transaction_key
),

scored as (
    select
        *,
        greatest(name_likeness, text_likeness) as likeness,
        amount_score
        + case
            when names_inflow and names_outflow then 0.5
            when names_inflow or names_outflow then 0.4
            else 0
        end
        + 0.15 * greatest(0, 1 - abs(days_between) / 8.0)
        + 0.15 * greatest(name_likeness, text_likeness)
        + if(is_only_pair, 0.1, 0)
        - if(coalesce(is_contradicted, false), 0.6, 0)
        - if(are_both_named and name_likeness = 0 and not names_inflow and not names_outflow, 0.2, 0)
        - 0.0001 * least(places_between, 100) as evidence
    from measured
),

likely as (
    select
        left_key,
        right_key,
        cast(evidence as decimal(9, 6)) as score,
        array_to_string(
            list_filter(
                [
                    amount_reason,
                    case
                        when names_inflow and names_outflow then 'each side names the other account'
                        when names_inflow then 'the payment names the receiving account'
                        when names_outflow then 'the receipt names the paying account'
                    end,
                    case days_between
                        when 0 then 'same day'
                        when 1 then 'a day later'
                        else abs(days_between) || if(days_between > 0, ' days later', ' days earlier')
                    end,
                    if(likeness >= 0.5, 'like words', null),
                    if(is_only_pair, 'nothing else fits', null),
                    if(is_contradicted, 'another account is named', null)
                ],
                lambda reason: reason is not null
            ),
            '; '
        ) as reason,
        days_between
    from scored
    where evidence >= {{ least_score }}
),

{{ one_to_one('matched', 'likely', rounds=6) }}

select
    md5(left_key || '|' || right_key) as transfer_key,
    left_key as outflow_transaction_key,
    right_key as inflow_transaction_key,
    reason,
    least(score, 1) as score,
    days_between
from matched
