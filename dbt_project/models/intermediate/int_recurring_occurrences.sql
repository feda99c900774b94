{#- What one row of a level is grouped by; narrower levels come after the wider ones. -#}
{% set levels = [
    ("''", 1, "party_entries <= 3 + party_days / 5.0"),
    ("coalesce(counterparty_account, '')", 2, "party_numbers > 1 and party_entries <= 3 + party_days / 2.0"),
    ("cast(band as varchar)", 3, "party_entries >= 5 and band_entries between 4 and party_entries - 1"),
    ("cast(amount as varchar)", 4, "party_entries >= 5 and same_amounts >= 4"),
] %}

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

named as (
    select
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
    left join counter_accounts on transactions.transaction_key = counter_accounts.transaction_key
    where transactions.amount <> 0 and transactions.refund_of_transaction_key is null
),

-- A party is who is paid or pays on an account. Numbers name it and its series, for texts are long to compare.
payments as (
    select
        *,
        hash(account_key, currency, direction, party) as party_id
    from named
),

known_parties as (
    select distinct
        party_id,
        account_key,
        currency,
        direction,
        party
    from payments
),

-- As was known on each origin: nothing later is looked at.
entries as (
    select
        origins.origin_age,
        payments.party_id,
        payments.transaction_key,
        payments.counterparty_account,
        payments.amount,
        payments.booking_date,
        origins.origin_date
    from payments
    inner join origins
        on
            payments.account_key = origins.account_key
            and payments.booking_date between origins.origin_date - 800 and origins.origin_date
),

-- Amounts next to each other are of one band; a jump of an eighth begins another one.
jumps as (
    select
        *,
        abs(amount) > 1.125 * lag(abs(amount)) over (partition by origin_age, party_id order by abs(amount)) as is_jump
    from (
        select
            origin_age,
            party_id,
            amount,
            count(*) as same_amounts
        from entries
        group by all
    ) as amounts
),

numbered_bands as (
    select
        *,
        count(*) filter (where is_jump) over (
            partition by origin_age, party_id order by abs(amount) rows unbounded preceding
        ) as band
    from jumps
),

bands as (
    select
        *,
        sum(same_amounts) over (partition by origin_age, party_id, band) as band_entries
    from numbered_bands
),

parties as (
    select
        origin_age,
        party_id,
        count(*) as party_entries,
        max(booking_date) - min(booking_date) as party_days,
        if(min(counterparty_account) < max(counterparty_account), 2, 1) as party_numbers,
        any_value(origin_date) as origin_date
    from entries
    group by origin_age, party_id
    having count(*) >= 2
),

banded as (
    select
        entries.*,
        parties.party_entries,
        parties.party_days,
        parties.party_numbers,
        bands.band,
        bands.band_entries,
        bands.same_amounts
    from entries
    inner join parties on entries.origin_age = parties.origin_age and entries.party_id = parties.party_id
    inner join bands
        on
            entries.origin_age = bands.origin_age
            and entries.party_id = bands.party_id
            and entries.amount = bands.amount
),

grouped as (
    {% for key, level, condition in levels %}
        select
            {{ level }} as level,
            {{ key }} as part,
            origin_age,
            party_id,
            transaction_key,
            amount,
            booking_date,
            hash(origin_age, party_id, {{ level }}, {{ key }}) as series_id
        from banded
        where {{ condition }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- Two payments to one party on one day are one occurrence.
occurrences as (
    select
        series_id,
        level,
        booking_date,
        sum(amount) as amount
    from grouped
    group by all
),

gaps as (
    select
        *,
        booking_date - lag(booking_date) over (partition by series_id order by booking_date) as gap
    from occurrences
),

measured as (
    select
        series_id,
        level,
        count(*) as seen,
        quantile_disc(gap, 0.5) as usual_gap,
        count(*) filter (where gap between 27 and 29) as four_week_gaps,
        quantile_cont(abs(amount), [0.25, 0.5, 0.75]) as amount_quartiles,
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
        amount_quartiles[3] - amount_quartiles[1] <= 0.25 * amount_quartiles[2] as are_amounts_alike,
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
            when seen < 5 then are_amounts_alike or regular_share = 1 and amount_ratio <= 1.6
            else are_amounts_alike or regular_share >= 0.9
        end
),

-- What was paid, of those alone that are believed: lists are long to make.
members as (
    select
        grouped.origin_age,
        grouped.party_id,
        grouped.level,
        grouped.part,
        grouped.series_id,
        grouped.booking_date,
        sum(grouped.amount) as amount,
        list(grouped.transaction_key order by grouped.transaction_key) as transaction_keys,
        any_value(payments.merchant_key order by grouped.transaction_key) as merchant_key,
        max(payments.kind) as kind
    from grouped
    semi join believed on grouped.series_id = believed.series_id
    inner join payments on grouped.transaction_key = payments.transaction_key
    group by all
),

-- What a wider level explains needs no narrower one.
levelled as (
    select
        *,
        min(level) over (partition by origin_age, transaction_keys[1]) as widest_level
    from members
),

chosen as (
    select *
    from levelled
    qualify bool_and(level = widest_level) over (partition by series_id)
),

-- A party's series are numbered by when they began, so that a key outlives what comes later.
numbered as (
    select
        series_id,
        row_number() over (partition by origin_age, party_id order by min(booking_date), level, part) as ordinal
    from chosen
    group by series_id, origin_age, party_id, level, part
)

select
    chosen.origin_age,
    md5(
        concat_ws(
            '|',
            known_parties.account_key,
            known_parties.currency,
            known_parties.direction,
            known_parties.party,
            numbered.ordinal
        )
    ) as series_key,
    known_parties.account_key,
    chosen.merchant_key,
    known_parties.currency,
    known_parties.direction,
    chosen.kind,
    believed.cadence,
    chosen.transaction_keys,
    cast(chosen.amount as decimal(19, 4)) as amount,
    cast(believed.regular_share as decimal(9, 6)) as regular_share,
    believed.period_days,
    believed.period_months,
    believed.tolerance_days,
    chosen.booking_date,
    parties.origin_date
from chosen
inner join numbered on chosen.series_id = numbered.series_id
inner join believed on chosen.series_id = believed.series_id
inner join known_parties on chosen.party_id = known_parties.party_id
inner join parties on chosen.origin_age = parties.origin_age and chosen.party_id = parties.party_id
