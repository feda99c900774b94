{% set least_seen, least_deviations, duplicate_days = 6, 6, 2 %}

-- Wide and many: read as a stream, not kept.
with spending as not materialized (
    select *
    from {{ ref('fct_transactions') }}
    where transaction_key is not null and amount < 0 and not is_own_transfer
),

-- By numbers, for texts are long to keep and to compare: what is found gets them at the end.
payments as (
    select
        hash(transaction_key) as payment_id,
        hash(account_key, currency) as account_id,
        hash(account_key, currency, merchant_key) as merchant_id,
        currency,
        amount,
        booking_date
    from spending
),

merchants as (
    select
        merchant_id,
        count(*) as seen,
        list(-amount) as amounts,
        min(booking_date) as first_date
    from payments
    group by merchant_id
),

-- What is usual at a merchant: its amounts in order.
known_merchants as (
    select
        merchant_id,
        seen - 1 as others,
        list_sort(amounts) as amounts
    from merchants
    where seen > {{ least_seen }}
),

-- Of whichever is left out for being twice the usual: the others' median stands before it, and the same for all such.
other_amounts as (
    select
        *,
        (amounts[others // 2 + 1] + amounts[(others + 1) // 2 + 1]) / 2.0 as usual,
        (amounts[(others + 1) // 2] + amounts[others // 2 + 1]) / 2.0 as others_median
    from known_merchants
),

-- Nor does it stand among the nearer half of the distances from that median: half of all lie below it.
other_distances as (
    select
        * exclude (amounts),
        list_sort(list_transform(amounts, lambda other: abs(other - others_median))) as distances
    from other_amounts
),

usual_merchants as (
    select
        * exclude (distances),
        (distances[(others + 1) // 2] + distances[others // 2 + 1]) / 2.0 as others_distance
    from other_distances
),

-- Only what is twice the usual is looked at any further.
outstanding as (
    select
        payments.*,
        merchants.others,
        merchants.others_median,
        merchants.others_distance
    from payments
    inner join usual_merchants as merchants on payments.merchant_id = merchants.merchant_id
    where -payments.amount > 2 * merchants.usual
),

-- A merchant whose amounts hardly differ is given a twentieth of the usual as its least deviation.
unusual as (
    select
        *,
        0.6745 * (-amount - others_median)
        / greatest(others_distance, 0.05 * others_median, 1) as deviations
    from outstanding
),

large as (
    select
        payment_id,
        null as other_transaction_key,
        'unusual amount' as anomaly,
        others_median as expected_amount,
        cast(deviations as double) as deviations,
        least(1, deviations / (deviations + {{ least_deviations }})) as score,
        [
            'usually ' || cast(cast(others_median as decimal(19, 2)) as varchar) || ' ' || currency,
            'this is ' || cast(cast(-amount / others_median as decimal(19, 1)) as varchar) || ' times that',
            'seen ' || others || ' times besides'
        ] as reasons
    from unusual
    where deviations >= {{ least_deviations }}
),

recurring as (
    select hash(unnest(transaction_keys)) as payment_id
    from {{ ref('fct_recurring_events') }}
    where event = 'paid'
),

-- What was paid at a merchant more than once to the same amount: most amounts come once.
alike as (
    select hash(merchant_id, amount) as alike_id
    from payments
    group by alike_id
    having count(*) > 1
),

-- The same amount at the same merchant again within days.
repeated as (
    select
        *,
        lag(transaction_key) over alike_payments as earlier_key,
        is_refunded or lag(is_refunded) over alike_payments as is_one_refunded,
        booking_date - lag(booking_date) over alike_payments as days_since
    from (
        select
            transaction_key,
            refunded_by_transaction_key is not null as is_refunded,
            booking_date,
            hash(account_key, currency, merchant_key) as merchant_id,
            hash(merchant_id, amount) as alike_id
        from spending
    ) as entries
    semi join alike on entries.alike_id = alike.alike_id
    window alike_payments as (partition by alike_id order by booking_date, transaction_key)
),

-- Where that is common, as with tickets and coffee, it says nothing.
habits as (
    select
        merchant_id,
        count(*) as repeats
    from repeated
    where days_since <= {{ duplicate_days }}
    group by merchant_id
),

duplicates as (
    select
        hash(repeated.transaction_key) as payment_id,
        repeated.earlier_key as other_transaction_key,
        'duplicate charge' as anomaly,
        cast(null as double) as expected_amount,
        cast(null as double) as deviations,
        (0.9 - 0.15 * repeated.days_since) * if(repeated.is_one_refunded, 0.5, 1) as score,
        [
            'same merchant and amount',
            case repeated.days_since when 0 then 'same day' when 1 then 'a day before' else '2 days before' end,
            if(repeated.is_one_refunded, 'one of them was given back', null)
        ] as reasons
    from repeated
    inner join habits on repeated.merchant_id = habits.merchant_id
    inner join merchants on repeated.merchant_id = merchants.merchant_id
    anti join recurring on hash(repeated.transaction_key) = recurring.payment_id
    where
        repeated.days_since <= {{ duplicate_days }}
        and (habits.repeats = 1 or habits.repeats <= 0.02 * merchants.seen)
),

-- How large payments are on an account, once three months of it are known.
accounts as (
    select
        account_id,
        quantile_cont(-amount, 0.9) as large_amount,
        min(booking_date) + 90 as known_from
    from payments
    group by account_id
),

newcomers as (
    select
        payments.payment_id,
        null as other_transaction_key,
        'new merchant' as anomaly,
        cast(accounts.large_amount as double) as expected_amount,
        cast(null as double) as deviations,
        0.3 + 0.6 * (1 - accounts.large_amount / -payments.amount) as score,
        [
            'first payment to it',
            'more than nine in ten payments of the account'
        ] as reasons
    from payments
    inner join merchants on payments.merchant_id = merchants.merchant_id
    inner join accounts on payments.account_id = accounts.account_id
    where
        payments.booking_date = merchants.first_date
        and payments.booking_date >= accounts.known_from
        and -payments.amount > accounts.large_amount
),

found as (
    select * from large
    union all
    select * from duplicates
    union all
    select * from newcomers
)

select
    md5(found.anomaly || '|' || spending.transaction_key) as anomaly_key,
    spending.transaction_key,
    found.other_transaction_key,
    spending.account_key,
    spending.merchant_key,
    spending.merchant,
    found.anomaly,
    array_to_string(found.reasons, '; ') as reason,
    list_filter(found.reasons, lambda part: part is not null) as reasons,
    spending.currency,
    spending.amount,
    cast(-found.expected_amount as decimal(19, 4)) as expected_amount,
    cast(found.deviations as decimal(19, 4)) as deviations,
    cast(found.score as decimal(9, 6)) as score,
    spending.booking_date
from found
inner join spending on found.payment_id = hash(spending.transaction_key)
order by spending.booking_date, anomaly_key
