-- The rows of tests/made_up_lake.py. Purchases are drawn by a hash; the rest comes every month, or once abroad.

create table entries as
with days as (select unnest(range(getvariable('first_day')::timestamp, getvariable('today')::timestamp + interval 1 day,
    interval 1 day))::date as booking_date),
numbered as (select *, (row_number() over (order by merchant, nth) - 1)::int as number from drawn),
drawing as (
    select i, (hash(i, 'shop') % (select count(*) from drawn))::int as number from range(getvariable('purchases')) as numbers (i)
),
bought as (
    select 'joint' as account_key, 'EUR' as currency, category_group, category, 'spending' as category_kind, merchant,
        -round(price * (60 + hash(i, 'price') % 90) / 100, 2) as amount,
        getvariable('first_day')
            + ((hash(i, 'day') % (getvariable('today') - getvariable('first_day') + 1)::ubigint)::int) as booking_date
    from drawing inner join numbered using (number)
),
regular as (
    select 'joint', 'EUR', grp, category, kind, merchant,
        case when merchant = 'Bright Energy' and booking_date >= getvariable('today') - 200 then amount - 12 else amount end,
        booking_date
    from monthly inner join days on day(booking_date) = d
),
lapsed as (
    select 'joint', 'EUR', 'Leisure', category, 'spending', merchant, amount, booking_date
    from (values
        ('Books & press', 'Old Gazette', -9.50, 6, getvariable('today') - 240),
        ('Streaming & television', 'Cloud Nine', -4.99, 20, getvariable('today') - 30)
    ) as subscriptions (category, merchant, amount, d, last_day)
    inner join days on day(booking_date) = d and booking_date <= last_day
),
saved as (
    select account_key, 'EUR', 'Transfers', 'Own transfer', 'transfer', 'Savings plan', amount, booking_date
    from days, (values ('joint', -250.00), ('savings', 250.00)) as legs (account_key, amount) where day(booking_date) = 28
),
abroad as (
    select 'travel', 'NOK', 'Travel', 'Package holidays', 'spending', 'Fjord Ferries', -349.00,
        (date_trunc('month', getvariable('today')) - interval 1 month + interval 13 day)::date
),
refunds as (
    select 'joint', 'EUR', 'Food', 'Groceries', 'spending', 'Green Basket', 5.00,
        (date_trunc('month', getvariable('today')) - interval 1 month + interval 2 day)::date
)
select *, row_number() over (order by booking_date, merchant, amount, account_key) as number
from (from bought union all from regular union all from lapsed union all from saved union all from abroad union all from refunds);

-- What one unit is worth in euros on every day; nobody quotes gold.
create table rates as select * from (values ('EUR', 1), ('NOK', 0.085), ('CHF', 1.04)) as quoted (currency, rate);

insert into marts.fct_transactions by name
select md5(number::varchar) as transaction_key, account_key, account_name, 'extract-1' as extract_id,
    'bank-' || number as transaction_id, merchant as counterparty, merchant || ' payment ' || number as description,
    lower(merchant) as merchant_key, merchant, category, category_group, category_kind,
    case when category = 'Uncategorised' then 'no rule' when category = 'Own transfer' then 'own transfer'
        else 'word rule 400 “' || lower(merchant) || '” in the name' end as category_reason,
    case when category = 'Uncategorised' then 'none' when category = 'Own transfer' then 'accounts' else 'shipped rule' end
        as category_source, [] as tags, currency,
    amount::decimal(19, 4) as amount, category_kind = 'transfer' as is_own_transfer, booking_date,
    'EUR' as base_currency, rate, round(amount * rate, 2) as base_amount, booking_date as rate_date, booking_date as value_date, date_trunc('month', booking_date)::date as booking_month
from entries inner join accounts using (account_key, currency) inner join rates using (currency)
order by booking_date, number;

-- The owner split one purchase: a third of what the newest at Thread House cost was a gift.
insert into marts.fct_transaction_parts by name
with split as (
    select transaction_key, round(amount / 3, 2) as gift from marts.fct_transactions
    where merchant = 'Thread House' order by booking_date desc, transaction_key limit 1
),
pieces as (
    select transaction_key, 2 as part_number, gift as amount, 'Gifts & flowers' as category, 'for a birthday' as note from split
    union all by name
    select transaction_key, 1 as part_number, amount - gift as amount, category
    from marts.fct_transactions inner join split using (transaction_key)
)
select t.* exclude (extract_id, raw_key, transaction_id, counterparty, counterparty_iban, counterparty_account,
        category_source, rules_version, transfer_key, counter_transaction_key, refund_of_transaction_key,
        refunded_by_transaction_key, bank_transaction_code, purpose_code, merchant_category_code, rate, is_own_transfer,
        value_date, rate_date, transaction_date)
    replace (coalesce(pieces.amount, t.amount) as amount, coalesce(pieces.category, t.category) as category,
        coalesce(pieces.note, t.note) as note, coalesce(pieces.amount, base_amount) as base_amount,
        if(pieces.part_number is null, category_reason, 'you split it') as category_reason),
    coalesce(pieces.part_number, 1) as part_number, pieces.part_number is not null as is_split
from marts.fct_transactions as t left join pieces using (transaction_key) order by booking_date, transaction_key, part_number;

insert into marts.fct_daily_totals by name
select account_key, account_name, merchant, category, category_group, category_kind, currency, booking_date,
    booking_month, sum(amount) as amount, count(*) as transactions
from marts.fct_transaction_parts group by all order by booking_date;

insert into marts.fct_transaction_versions by name
select transaction_key, account_key, extract_id as first_extract_id, extract_id as last_extract_id, transaction_id,
    counterparty, description, currency, amount, 1 as version, 1 as versions, 1 as answers, true as is_current,
    booking_date, value_date, getvariable('asked_at') as first_seen_at, getvariable('asked_at') as last_seen_at,
    getvariable('asked_at') as last_settled_at
from marts.fct_transactions where booking_date > getvariable('today') - 40;

insert into marts.fct_daily_balance by name
with days as (select unnest(range(getvariable('first_day')::timestamp, getvariable('today')::timestamp + interval 1 day,
    interval 1 day))::date as balance_date),
moved as (select account_key, booking_date as balance_date, sum(amount) as movement, count(*)::int as entries
    from marts.fct_transactions group by all)
select account_key, account_name, currency, 'reported' as balance_source,
    (opening + sum(coalesce(movement, 0)) over (partition by account_key order by balance_date)
        + case when account_key = 'travel' and balance_date = getvariable('today') then getvariable('unexplained') else 0 end
    )::decimal(19, 4) as balance,
    coalesce(movement, 0) as movement,
    case when account_key = 'travel' and balance_date = getvariable('today') then getvariable('unexplained') else 0 end
        as unexplained,
    coalesce(entries, 0) as entries, entries is null as is_filled, true as is_covered, false as is_estimated, balance_date
from accounts cross join days left join moved using (account_key, balance_date);

insert into marts.fct_daily_balance by name
select account_key, account_name, currency, if(ago = 10, 'reported', 'forward') as balance_source, balance, 0 as movement,
    0 as unexplained, 0 as entries, true as is_filled, false as is_covered, true as is_manual, false as is_estimated,
    getvariable('today') - ago::int as balance_date
from (values ('cash', 'Cash box', 'EUR', 120.00), ('safe', 'Safe', 'CHF', 50.00),
    ('coins', 'Gold coins', 'XAU', 2.00)) as kept (account_key, account_name, currency, balance)
cross join range(11) as days (ago) where getvariable('by_hand');

create or replace table marts.fct_daily_balance as
select balances.* replace ('EUR' as base_currency, rates.rate as rate, round(balance * rates.rate, 4) as base_balance,
    if(rates.rate is null, null, balance_date) as rate_date)
from marts.fct_daily_balance as balances left join rates using (currency);

insert into marts.fct_goals by name
select goal, account_key, account_name, currency, target_amount, balance, target_amount - balance as remaining,
    (balance::double / target_amount::double)::decimal(18, 4) as reached_share,
    case when balance < target_amount then round((target_amount - balance)::double / 10, 2) end as needed_per_month,
    balance >= target_amount as is_reached, false as is_missed, balance_date,
    (balance_date + interval 10 months)::date as target_date
from (values ('Rainy days', 'savings', 20000.00), ('Bicycle', 'joint', 900.00)) as goals (goal, account_key, target_amount)
inner join marts.fct_daily_balance using (account_key) where balance_date = getvariable('today');

insert into marts.fct_net_worth by name
select currency, base_currency, sum(balance) as net_worth, sum(greatest(balance, 0)) as assets,
    sum(least(balance, 0)) as debts, sum(base_balance) as base_net_worth,
    sum(base_balance) filter (where balance > 0) as base_assets, sum(base_balance) filter (where balance < 0) as base_debts,
    any_value(rate) as rate, count(*)::int as accounts, true as is_complete, false as is_estimated,
    bool_and(rate is not null) as is_converted, balance_date, any_value(rate_date) as rate_date
from marts.fct_daily_balance group by currency, base_currency, balance_date order by all;

-- Every series is monthly. Old Gazette ended, Cloud Nine was missed, Bright Energy has become dearer.
create table payments as
select md5(merchant || account_key) as series_key, *, lag(amount) over up as amount_before,
    row_number() over (partition by merchant, account_key order by booking_date desc) as nth
from marts.fct_transactions
where merchant in (select merchant from monthly union all values ('Old Gazette'), ('Cloud Nine'), ('Savings plan'))
window up as (partition by merchant, account_key order by booking_date);

create table series as
select *,
    case when next_date < getvariable('today') - 60 then 'ended' when next_date < getvariable('today') - 5 then 'missed'
        else 'active' end as status
from (select *, (booking_date + interval 1 month)::date as next_date from payments where nth = 1);

insert into marts.fct_recurring_events by name
select md5(series_key || event || event_date) as event_key, *
from (
    select series_key, account_key, 'paid' as event, [transaction_key] as transaction_keys, currency, amount, amount_before,
        coalesce(amount <> amount_before, false) as is_price_step, booking_date as event_date
    from payments
    union all by name
    select series_key, account_key, 'missed' as event, currency, amount, false as is_price_step, next_date as event_date
    from series where status <> 'active'
    union all by name
    select series_key, account_key, 'due' as event, currency, amount, false as is_price_step,
        (booking_date + to_months(step::int))::date as event_date
    from series cross join range(1, 5) as steps (step)
    where status = 'active' and booking_date + to_months(step::int) <= getvariable('today') + 100
) as events;

insert into marts.fct_recurring by name
select series_key, account_key, account_name, merchant_key, merchant, category_kind as kind, 'monthly' as cadence, status,
    currency, amount as expected_amount, amount as last_amount, step.amount_before_step, amount * 12 as yearly_amount,
    occurrences, if(status = 'active', 0, 1) as missed, coalesce(step.price_steps, 0) as price_steps,
    1 as regularity, true as is_fixed_amount, false as is_charged_after_cancel, first_date, booking_date as last_date,
    if(status = 'ended', null, next_date) as next_date, step.last_step_date
from series
inner join (select series_key, count(*)::int as occurrences, min(booking_date) as first_date from payments group by all)
    using (series_key)
left join (select series_key, count(*)::int as price_steps, max(event_date) as last_step_date,
        arg_max(amount_before, event_date) as amount_before_step
    from marts.fct_recurring_events where is_price_step group by all) as step using (series_key);

-- Besides what is due, the joint account loses a fixed sum a day; the interval widens by as much.
insert into marts.fct_forecast by name
with ahead as (
    select account_key, account_name, currency, balance, if(account_key = 'joint', -41.50, 0) as rest, n::int as days_ahead,
        balance_date as origin_date, balance_date + n::int as balance_date
    from marts.fct_daily_balance cross join range(1, 91) as days (n) where balance_date = getvariable('today')
),
due as (select account_key, event_date as balance_date, sum(amount) as due_amount
    from marts.fct_recurring_events where event = 'due' group by all),
told as (
    select * exclude (balance, due_amount), coalesce(due_amount, 0) as due_amount, balance + rest * days_ahead
        + sum(coalesce(due_amount, 0)) over (partition by account_key order by days_ahead) as balance
    from ahead left join due using (account_key, balance_date)
)
select * exclude (rest), balance + rest * 0.5 * sqrt(days_ahead)::decimal(9, 4) as low_50,
    balance - rest * 0.5 * sqrt(days_ahead)::decimal(9, 4) as high_50,
    balance + rest * sqrt(days_ahead)::decimal(9, 4) as low_90, balance - rest * sqrt(days_ahead)::decimal(9, 4) as high_90
from told;

insert into marts.fct_forecast_error by name
select account_key, currency, age as origin_age, (balance_date - (getvariable('today') - age))::int as days_ahead,
    balance + missed as forecast_balance, balance as actual_balance, missed as error, balance + 2 * missed as naive_balance,
    2 * missed as naive_error, abs(missed) < 20 as is_within_50, abs(missed) < 70 as is_within_90,
    getvariable('today') - age as origin_date, balance_date
from (
    select *, if(account_key = 'joint', (balance_date - (getvariable('today') - age)) * 0.85, 0) as missed
    from marts.fct_daily_balance cross join (values (30), (60), (90)) as origins (age)
    where balance_date > getvariable('today') - age
) as days;

insert into marts.fct_reconciliation by name
with ends as (
    select *, lag(balance) over (partition by account_key order by balance_date) as opening_balance,
        lag(balance_date) over (partition by account_key order by balance_date) as opening_date
    from marts.fct_daily_balance
    where balance_date = last_day(balance_date) or balance_date = getvariable('today')
),
pairs as (
    select *, coalesce((select sum(amount) from marts.fct_transactions as t where t.account_key = ends.account_key
        and t.booking_date > opening_date and t.booking_date <= balance_date), 0) as moved
    from ends where opening_date is not null
)
select account_key, account_name, currency, opening_balance, moved as movement, balance as closing_balance,
    balance - opening_balance - moved as difference, 12 as entries, balance - opening_balance - moved = 0 as is_reconciled,
    opening_date, balance_date as closing_date
from pairs;

insert into marts.dim_account by name
select account_key, [account_id] as account_ids, institution_id, account_name, iban_masked, currency,
    balance as ledger_balance, balance as available_balance,
    (select count(*) from marts.fct_transactions as t where t.account_key = accounts.account_key)::int as transactions,
    balance_date as ledger_balance_date, getvariable('first_day') as first_booking_date,
    getvariable('today') as last_booking_date, getvariable('asked_at') as last_fetched_at
from accounts inner join marts.fct_daily_balance using (account_key, account_name, currency)
where balance_date = getvariable('today');

insert into marts.dim_institution by name
select institution_id, institution_name, country,
    (select count(*) from accounts where accounts.institution_id = kept.institution_id)::int as accounts
from (values ('MADE_UP_BANK', 'Made-up Bank', 'DE'), ('FJORD_BANK', 'Fjord Bank', 'NO')) as kept (institution_id, institution_name, country);

insert into marts.fct_coverage by name
select account_key, account_name, institution_id, 'ok' as last_outcome,
    getvariable('today') - getvariable('first_day') + 1 as covered_days, 0 as gaps, 0 as gap_days, 0 as longest_gap_days,
    0 as shrunk_answers, 0 as unreadable_entries, 0 as failures_since, 3 as allowance_remaining, 63 as consent_days_left, getvariable('first_day') as first_covered_date,
    getvariable('today') as last_covered_date, getvariable('asked_at') as last_asked_at,
    getvariable('asked_at') as transactions_fetched_at, getvariable('asked_at') as balances_fetched_at
from accounts;

insert into marts.fct_retractions by name
select 'withdrawn' as transaction_key, 'joint' as account_key, 'extract-0' as last_extract_id,
    'extract-1' as retracting_extract_id, 'Lantern Cinema' as counterparty, 'Held by a card' as description,
    'withdrawn: nothing in the newer answer is like it' as reason, 'EUR' as currency, -19.50 as amount,
    getvariable('today') - 9 as booking_date, getvariable('asked_at') as retracted_at;

insert into marts.fct_transaction_versions by name
select transaction_key, account_key, last_extract_id as first_extract_id, last_extract_id, counterparty, description, currency,
    amount, 1 as version, 1 as versions, 1 as answers, false as is_current, booking_date,
    getvariable('asked_at') - to_days(8) as first_seen_at, getvariable('asked_at') - to_days(8) as last_seen_at,
    getvariable('asked_at') - to_days(8) as last_settled_at
from marts.fct_retractions;

insert into marts.fct_reference_faults by name
select 'rules' as reference_table, 'reference/rules/2026.parquet' as object_key, 3 as row_number,
    'no such category' as mistake;

insert into marts.fct_pending by name
select 'pending-1' as pending_key, 'joint' as account_key, 'Joint' as account_name, 'Green Basket' as counterparty,
    'Green Basket' as description, 'green basket' as merchant_key, 'Green Basket' as merchant, 'Groceries' as category,
    'Food' as category_group, 'spending' as category_kind, 'EUR' as currency, -23.40 as amount,
    getvariable('today') as expected_date, getvariable('asked_at') as requested_at;

insert into marts.fct_sync_runs by name
select 'run-' || i as run_id, 3 as accounts, 6 as questions, 6 as good_answers, 0 as retry_answers, 0 as wait_answers,
    0 as relink_answers, 0 as skip_answers, 0 as faulty_answers, 40 + i as entries, 3.2 as duration_seconds,
    true as is_complete, getvariable('asked_at') - to_days(i::int) as requested_at,
    getvariable('asked_at') - to_days(i::int) as started_at, getvariable('asked_at') - to_days(i::int) as ended_at
from range(5) as runs (i);

insert into marts.fct_monthly_spending by name
select booking_month, currency, category_group, category, merchant, -sum(amount) as spent, count(*) as transactions
from marts.fct_transaction_parts where category_kind = 'spending' group by all;

insert into marts.dim_category by name
select distinct category, category_group, category_kind, category as description from marts.fct_transactions;

insert into marts.dim_merchant by name
select merchant_key, merchant, any_value(category) as category, count(*) as transactions,
    min(booking_date) as first_booking_date, max(booking_date) as last_booking_date
from marts.fct_transactions group by all;

insert into marts.fct_transfers by name
select md5(one.transaction_key || other.transaction_key) as transfer_key, one.transaction_key as outflow_transaction_key,
    other.transaction_key as inflow_transaction_key, one.account_key as from_account_key,
    other.account_key as to_account_key, one.currency as from_currency, other.currency as to_currency,
    'same amount; same day; like words' as reason, one.amount as outflow_amount, other.amount as inflow_amount,
    1 as exchange_rate, case when one.booking_date > getvariable('today') - 40 then 0.55 else 0.85 end as score,
    0 as days_between, one.booking_date as outflow_date, other.booking_date as inflow_date
from marts.fct_transactions as one
inner join marts.fct_transactions as other
    on one.booking_date = other.booking_date and one.amount = -other.amount and one.account_key <> other.account_key
where one.category_kind = 'transfer' and one.amount < 0;

insert into marts.fct_refunds by name
select md5(back.transaction_key) as refund_key, paid.transaction_key as purchase_transaction_key,
    back.transaction_key as refund_transaction_key, back.account_key, back.merchant_key, back.merchant,
    'same merchant; part of the amount' as reason, back.currency, paid.amount as purchase_amount,
    back.amount as refund_amount, 0.52 as score, back.booking_date - paid.booking_date as days_between, false as is_whole,
    paid.booking_date as purchase_date, back.booking_date as refund_date
from marts.fct_transactions as back
inner join marts.fct_transactions as paid on back.merchant_key = paid.merchant_key and paid.booking_date < back.booking_date
where back.amount > 0 and back.category_kind = 'spending'
qualify row_number() over (partition by back.transaction_key order by paid.booking_date desc, paid.transaction_key) = 1;

insert into marts.fct_unmatched_transfers by name
select transaction_key, account_key, 'a card is paid whose account is not linked' as reason, currency, amount,
    true as is_own_transfer, booking_date
from marts.fct_transactions where merchant = 'Mill & Co' order by booking_date desc limit 1;

insert into marts.fct_anomalies by name
select md5('unusual amount' || transaction_key) as anomaly_key, transaction_key, account_key, merchant_key, merchant,
    'unusual amount' as anomaly, 'four times what is usual here' as reason, [reason] as reasons, currency, amount,
    round(amount / 4, 2) as expected_amount, 8.2 as deviations, 0.9 as score, booking_date
from marts.fct_transactions where category_kind = 'spending' and account_key = 'joint'
    and booking_date > getvariable('today') - 30 and merchant in (select merchant from shops)
order by amount, transaction_key limit 1;
