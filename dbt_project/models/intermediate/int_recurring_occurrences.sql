{#- What one row of a level is grouped by; narrower levels come after the wider ones. -#}
{% set levels = [
    ("''", 1, "party_entries <= 3 + party_days / 5.0"),
    ("coalesce(counterparty_account, '')", 2, "party_numbers > 1 and party_entries <= 3 + party_days / 2.0"),
    ("cast(band as varchar)", 3, "party_entries >= 5 and party_bands > 1"),
    ("cast(amount as varchar)", 4, "party_entries >= 5 and same_amounts >= 4"),
] %}
{% set party = "partition by origin_age, account_key, currency, direction, party" %}

with transactions as (select * from {{ ref('fct_transactions') }}),

counter_accounts as (
    select
        outflow_transaction_key as transaction_key,
        to_account_key as counter_account_key
    from {{ ref('fct_transfers') }}
    union all
    select
        inflow_transaction_key as transaction_key,
        from_account_key as counter_account_key
    from {{ ref('fct_transfers') }}
),

origins as (select * from {{ ref('int_forecast_origins') }}),

cadences as (
    {{ cadence_rows() }}
),

-- As was known on each origin: nothing later is looked at.
entries as (
    select
        origins.origin_age,
        origins.origin_date,
        transactions.transaction_key,
        transactions.account_key,
        transactions.currency,
        if(transactions.amount > 0, 'in', 'out') as direction,
        coalesce(counter_accounts.counter_account_key, transactions.merchant_key) as party,
        transactions.merchant_key,
        transactions.counterparty_account,
        case
            when transactions.is_own_transfer then 'transfer'
            when transactions.amount > 0 then 'income'
            else 'spending'
        end as kind,
        transactions.amount,
        transactions.booking_date
    from transactions
    inner join origins
        on
            transactions.account_key = origins.account_key
            and transactions.booking_date between origins.origin_date - 800 and origins.origin_date
    left join counter_accounts on transactions.transaction_key = counter_accounts.transaction_key
    where transactions.amount <> 0 and transactions.refund_of_transaction_key is null
),

-- Amounts next to each other are of one band; a jump of an eighth begins another one.
jumps as (
    select
        *,
        abs(amount) > 1.125 * lag(abs(amount)) over by_amount as is_jump,
        count(*) over ({{ party }}) as party_entries,
        max(booking_date) over ({{ party }}) - min(booking_date) over ({{ party }}) as party_days,
        count(*) over ({{ party }}, amount) as same_amounts
    from entries
    window by_amount as ({{ party }} order by abs(amount), transaction_key)
),

banded as (
    select
        *,
        count(*) filter (where is_jump) over (
            {{ party }} order by abs(amount), transaction_key rows unbounded preceding
        ) as band
    from jumps
    where party_entries >= 2
),

parties as (
    select
        *,
        max(band) over ({{ party }}) + 1 as party_bands,
        if(
            min(counterparty_account) over ({{ party }}) < max(counterparty_account) over ({{ party }}), 2, 1
        ) as party_numbers
    from banded
),

grouped as (
    {% for key, level, condition in levels %}
        select
            {{ level }} as level,
            {{ key }} as part,
            *
        from parties
        where {{ condition }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- Two payments to one party on one day are one occurrence.
occurrences as (
    select
        origin_age,
        account_key,
        currency,
        direction,
        party,
        level,
        part,
        booking_date,
        sum(amount) as amount,
        list(transaction_key order by transaction_key) as transaction_keys,
        any_value(merchant_key order by transaction_key) as merchant_key,
        max(kind) as kind,
        any_value(origin_date) as origin_date
    from grouped
    group by all
),

gaps as (
    select
        *,
        booking_date - lag(booking_date) over (
            partition by origin_age, account_key, currency, direction, party, level, part order by booking_date
        ) as gap
    from occurrences
),

measured as (
    select
        origin_age,
        account_key,
        currency,
        direction,
        party,
        level,
        part,
        count(*) as seen,
        quantile_disc(gap, 0.5) as usual_gap,
        count(*) filter (where gap between 27 and 29) as four_week_gaps,
        abs(median(amount)) as usual_amount,
        quantile_cont(abs(amount), 0.75) - quantile_cont(abs(amount), 0.25) as amount_spread,
        max(abs(amount)) / min(abs(amount)) as amount_ratio,
        list(gap) filter (where gap is not null) as all_gaps
    from gaps
    group by all
    having count(*) >= 2
),

rhythmic as (
    select
        measured.*,
        cadences.*,
        len(list_filter(
            all_gaps, lambda each_gap: abs(each_gap - period_days) <= tolerance_days
        )) / (seen - 1) as regular_share,
        -- One or two left out between.
        len(list_filter(
            all_gaps,
            lambda each_gap:
            abs(each_gap - 2 * period_days) <= tolerance_days or abs(each_gap - 3 * period_days) <= tolerance_days
        )) / (seen - 1) as skipped_share
    from measured
    inner join cadences
        on
            abs(measured.usual_gap - cadences.period_days) <= cadences.tolerance_days
            and (cadence <> 'four-weekly' or four_week_gaps >= 0.8 * (seen - 1))
            and (cadence <> 'monthly' or four_week_gaps < 0.8 * (seen - 1) or seen < 4)
),

-- The fewer are seen, the more alike they have to be; a part of what a party gets has to show more than all of it.
believed as (
    select *
    from rhythmic
    where
        seen >= if(level <= 2, least_seen, if(period_days > 80, 4, 5))
        and regular_share >= if(level <= 2, 0.7, 0.8)
        and regular_share + skipped_share >= 0.85
        and case
            when seen = 2 then amount_ratio <= 1.1
            when seen < 5 then amount_spread <= 0.25 * usual_amount or regular_share = 1 and amount_ratio <= 1.6
            else amount_spread <= 0.25 * usual_amount or regular_share >= 0.9
        end
),

-- What a wider level explains needs no narrower one.
members as (
    select
        believed.*,
        occurrences.booking_date,
        occurrences.amount,
        occurrences.transaction_keys,
        occurrences.merchant_key,
        occurrences.kind,
        occurrences.origin_date,
        min(believed.level) over (
            partition by occurrences.origin_age, occurrences.transaction_keys[1]
        ) as widest_level
    from believed
    inner join occurrences
        on
            believed.origin_age = occurrences.origin_age
            and believed.account_key = occurrences.account_key
            and believed.currency = occurrences.currency
            and believed.direction = occurrences.direction
            and believed.party = occurrences.party
            and believed.level = occurrences.level
            and believed.part = occurrences.part
),

chosen as (
    select *
    from members
    qualify
        bool_and(level = widest_level) over (
            partition by origin_age, account_key, currency, direction, party, level, part
        )
),

-- A party's series are numbered by when they began, so that a key outlives what comes later.
numbered as (
    select
        origin_age,
        account_key,
        currency,
        direction,
        party,
        level,
        part,
        row_number() over (
            partition by origin_age, account_key, currency, direction, party
            order by min(booking_date), level, part
        ) as ordinal
    from chosen
    group by origin_age, account_key, currency, direction, party, level, part
)

select
    chosen.origin_age,
    md5(
        concat_ws(
            '|',
            chosen.account_key, chosen.currency, chosen.direction, chosen.party, numbered.ordinal
        )
    ) as series_key,
    chosen.account_key,
    chosen.merchant_key,
    chosen.currency,
    chosen.direction,
    chosen.kind,
    chosen.cadence,
    chosen.transaction_keys,
    cast(chosen.amount as decimal(19, 4)) as amount,
    cast(chosen.regular_share as decimal(9, 6)) as regular_share,
    chosen.period_days,
    chosen.period_months,
    chosen.tolerance_days,
    chosen.booking_date,
    chosen.origin_date
from chosen
inner join numbered
    on
        chosen.origin_age = numbered.origin_age
        and chosen.account_key = numbered.account_key
        and chosen.currency = numbered.currency
        and chosen.direction = numbered.direction
        and chosen.party = numbered.party
        and chosen.level = numbered.level
        and chosen.part = numbered.part
