with transactions as not materialized (select * from {{ ref('fct_transactions') }}),

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

named as not materialized (
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

-- A party is who is paid or pays on an account. Numbers name it, its payments and its series, for texts are long to
-- carry and to compare: what is chosen gets them at the end.
payments as (
    select
        account_key,
        hash(account_key, currency, direction, party) as party_id,
        hash(transaction_key) as payment_id,
        case when counterparty_account is not null then hash(counterparty_account) end as number_id,
        amount,
        booking_date
    from named
),

-- As was known on each origin: nothing later is looked at.
entries as (
    select
        hash(origins.origin_age, payments.party_id) as scope_id,
        origins.origin_age,
        origins.origin_date,
        payments.payment_id,
        payments.number_id,
        payments.amount,
        payments.booking_date
    from payments
    inner join origins
        on
            payments.account_key = origins.account_key
            and payments.booking_date between origins.origin_date - 800 and origins.origin_date
),

-- What is known of a party on an origin.
scopes as (
    select
        scope_id,
        any_value(origin_age) as origin_age,
        any_value(origin_date) as origin_date,
        count(*) as party_entries,
        max(booking_date) - min(booking_date) as party_days,
        if(min(number_id) < max(number_id), 2, 1) as party_numbers
    from entries
    group by scope_id
    having count(*) >= 2
),

-- Amounts next to each other are of one band; a jump of an eighth begins another one.
ranked as (
    select
        entries.scope_id,
        entries.payment_id,
        entries.amount,
        entries.booking_date,
        scopes.party_entries,
        row_number() over by_amount as place,
        abs(entries.amount) <= 1.125 * lag(abs(entries.amount)) over by_amount as is_near,
        entries.amount = lag(entries.amount, 3) over by_amount as is_fourth_alike
    from entries
    inner join scopes on entries.scope_id = scopes.scope_id
    where scopes.party_entries >= 5
    window by_amount as (partition by entries.scope_id order by abs(entries.amount))
),

-- Bands reach from one jump to the next: there are fewer of them than entries, and few are of a size to look into.
bands as (
    select
        scope_id,
        row_number() over by_place - 1 as band,
        place as first_place,
        lead(place, 1, party_entries + 1) over by_place - 1 as last_place
    from ranked
    where is_near is distinct from true
    window by_place as (partition by scope_id order by place)
    qualify last_place - first_place + 1 between 4 and party_entries - 1
),

same_amounts as (
    select distinct
        scope_id,
        amount
    from ranked
    where is_fourth_alike
),

-- What one row of a level is grouped by; narrower levels come after the wider ones.
grouped as (
    select
        1 as level,
        entries.scope_id,
        hash(entries.scope_id, 1) as series_id,
        null as band,
        entries.payment_id,
        entries.amount,
        entries.booking_date
    from entries
    inner join scopes on entries.scope_id = scopes.scope_id
    where scopes.party_entries <= 3 + scopes.party_days / 5.0
    union all
    select
        2 as level,
        entries.scope_id,
        hash(entries.scope_id, 2, entries.number_id) as series_id,
        null as band,
        entries.payment_id,
        entries.amount,
        entries.booking_date
    from entries
    inner join scopes on entries.scope_id = scopes.scope_id
    where scopes.party_numbers > 1 and scopes.party_entries <= 3 + scopes.party_days / 2.0
    union all
    select
        3 as level,
        ranked.scope_id,
        hash(ranked.scope_id, 3, bands.band) as series_id,
        bands.band,
        ranked.payment_id,
        ranked.amount,
        ranked.booking_date
    from ranked
    inner join bands
        on ranked.scope_id = bands.scope_id and ranked.place between bands.first_place and bands.last_place
    union all
    select
        4 as level,
        ranked.scope_id,
        hash(ranked.scope_id, 4, ranked.amount) as series_id,
        null as band,
        ranked.payment_id,
        ranked.amount,
        ranked.booking_date
    from ranked
    semi join same_amounts on ranked.scope_id = same_amounts.scope_id and ranked.amount = same_amounts.amount
),

dated as (
    select
        series_id,
        any_value(level) as level,
        list_sort(list(booking_date)) as dates
    from grouped
    group by series_id
    having min(booking_date) < max(booking_date)
),

-- Two payments to one party on one day are one occurrence.
gaps as (
    select
        series_id,
        level,
        list_filter(
            list_transform(range(2, len(dates) + 1), lambda place: dates[place] - dates[place - 1]),
            lambda gap: gap > 0
        ) as all_gaps
    from dated
),

measured as (
    select
        *,
        len(all_gaps) + 1 as seen,
        list_aggregate(all_gaps, 'quantile_disc', 0.5) as usual_gap,
        len(list_filter(all_gaps, lambda gap: gap between 27 and 29)) as four_week_gaps
    from gaps
),

-- The gaps that each rhythm allows, one by one: equals are quicker to find than what lies between.
cadence_gaps as (
    select
        *,
        unnest(range(period_days - tolerance_days, period_days + tolerance_days + 1)) as usual_gap
    from cadences
),

rhythmic as (
    select
        measured.series_id,
        measured.level,
        measured.seen,
        cadence_gaps.cadence,
        cadence_gaps.period_days,
        cadence_gaps.period_months,
        cadence_gaps.tolerance_days,
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
    inner join cadence_gaps
        on
            measured.usual_gap = cadence_gaps.usual_gap
            and (cadence <> 'four-weekly' or four_week_gaps >= 0.8 * (seen - 1))
            and (cadence <> 'monthly' or four_week_gaps < 0.8 * (seen - 1) or seen < 4)
    where seen >= if(level <= 2, least_seen, if(period_days > 80, 4, 5))
),

regular as (
    select *
    from rhythmic
    where regular_share >= if(level <= 2, 0.7, 0.8) and regular_share + skipped_share >= 0.85
),

occurrences as (
    select
        grouped.series_id,
        grouped.booking_date,
        sum(grouped.amount) as amount
    from grouped
    where grouped.series_id in (select regular.series_id from regular)
    group by grouped.series_id, grouped.booking_date
),

amounts as (
    select
        series_id,
        quantile_cont(abs(amount), [0.25, 0.5, 0.75]) as amount_quartiles,
        max(abs(amount)) / min(abs(amount)) as amount_ratio
    from occurrences
    group by series_id
),

-- The fewer are seen, the more alike they have to be; a part of what a party gets has to show more than all of it.
believed as (
    select regular.*
    from (
        select
            *,
            amount_quartiles[3] - amount_quartiles[1] <= 0.25 * amount_quartiles[2] as are_amounts_alike
        from amounts
    ) as amounts
    inner join regular on amounts.series_id = regular.series_id
    where
        case
            when seen = 2 then amount_ratio <= 1.1
            when seen < 5 then are_amounts_alike or regular_share = 1 and amount_ratio <= 1.6
            else are_amounts_alike or regular_share >= 0.9
        end
),

believed_entries as materialized (
    select grouped.*
    from grouped
    semi join believed on grouped.series_id = believed.series_id
),

-- What a wider level explains needs no narrower one.
explained as (
    select
        scope_id,
        payment_id,
        min(level) as widest_level
    from believed_entries
    group by scope_id, payment_id
),

chosen as (
    select entries.series_id
    from believed_entries as entries
    inner join explained
        on entries.scope_id = explained.scope_id and entries.payment_id = explained.payment_id
    group by entries.series_id
    having bool_and(entries.level = explained.widest_level)
),

chosen_entries as (
    select believed_entries.*
    from believed_entries
    semi join chosen on believed_entries.series_id = chosen.series_id
),

members as (
    select
        entries.series_id,
        any_value(entries.scope_id) as scope_id,
        any_value(entries.level) as level,
        entries.booking_date,
        sum(entries.amount) as amount,
        any_value(named.account_key) as account_key,
        any_value(named.currency) as currency,
        any_value(named.direction) as direction,
        any_value(named.party) as party,
        list(named.transaction_key order by named.transaction_key) as transaction_keys,
        any_value(named.merchant_key order by named.transaction_key) as merchant_key,
        max(named.kind) as kind,
        any_value(case entries.level
            when 1 then ''
            when 2 then coalesce(named.counterparty_account, '')
            when 3 then cast(entries.band as varchar)
            else cast(entries.amount as varchar)
        end) as part
    from chosen_entries as entries
    inner join named on entries.payment_id = hash(named.transaction_key)
    group by entries.series_id, entries.booking_date
),

-- A party's series are numbered by when they began, so that a key outlives what comes later.
numbered as (
    select
        members.series_id,
        scopes.origin_age,
        scopes.origin_date,
        row_number() over (
            partition by members.scope_id order by min(members.booking_date), members.level, members.part
        ) as ordinal
    from members
    inner join scopes on members.scope_id = scopes.scope_id
    group by
        members.series_id, members.scope_id, members.level, members.part, scopes.origin_age, scopes.origin_date
)

select
    numbered.origin_age,
    md5(
        concat_ws(
            '|', members.account_key, members.currency, members.direction, members.party, numbered.ordinal
        )
    ) as series_key,
    numbered.series_id,
    members.account_key,
    members.merchant_key,
    members.currency,
    members.direction,
    members.kind,
    believed.cadence,
    members.transaction_keys,
    cast(members.amount as decimal(19, 4)) as amount,
    cast(believed.regular_share as decimal(9, 6)) as regular_share,
    believed.period_days,
    believed.period_months,
    believed.tolerance_days,
    members.booking_date,
    numbered.origin_date
from members
inner join numbered on members.series_id = numbered.series_id
inner join believed on members.series_id = believed.series_id
