-- Ledgers of made-up accounts, and what their banks would say of them; see ledgers.py, which sets the variables.

-- A number from 0 to 1 that depends on the entry and on what it is for alone.
create schema landing;

create macro chance(about, what) as (hash(about, what) % 1000003) / 1000003.0;
create macro pick(choices, number) as choices[1 + cast(number % len(choices) as bigint)];
create macro money(cents) as cast(cast(cents as bigint) * 0.01 as decimal(19, 2));

create table shops as
select row_number() over (order by merchant) - 1 as shop, merchant as name from read_csv(getvariable('merchants'), all_varchar = true)
union all
select 3006 + number as shop, first || last || ' ' || pick(['GmbH', 'Ltd', 'BV', 'SARL', 'AB', 'Sp. z o.o.', ''], hash(number)) as name
from (
    select number,
        pick(['Ber', 'Kol', 'Mar', 'Ste', 'Van', 'Lun', 'Gra', 'Pel', 'Dor', 'Wit', 'Fal', 'Ros', 'Hol', 'Bru', 'Tam'], number) as first,
        pick(['ka', 'vero', 'lind', 'mont', 'sson', 'berg', 'ette', 'wick', 'haus', 'dale'], number // 15)
        || pick(['', 'o', 'is', 'en', 'a', 'ix', 'us', 'er'], number // 150)
        || pick([' Market', ' Café', ' Bakery', ' Moden', ' Tools', ' Books', ' Apotheke', ' Garage', ' Hotel', ' Fleurs', '',
            ' Optik', ' & Söhne', ' Pizzeria', ' Blumen', ' Reisen', ' Sport'], number // 1200) as last
    from range(20000) as numbers (number)
) as made;

create table accounts as
select
    number as account,
    md5('account ' || number) as account_id,
    'DE' || lpad(cast(number % 90 + 10 as varchar), 2, '0') || lpad(cast(number as varchar), 18, '3') as iban,
    'DE' || lpad(cast(xor(number, 1) % 90 + 10 as varchar), 2, '0') || lpad(cast(xor(number, 1) as varchar), 18, '3') as other_iban,
    pick(['BERLIN', 'HAMBURG', 'München', 'Köln', 'LEEDS', 'Cork', 'PARIS 15', 'Lyon', 'Utrecht', 'ROTTERDAM', 'Gent',
        'MILANO', 'Torino', 'Madrid', 'LISBOA', 'Porto', 'WARSZAWA', 'Kraków', 'STOCKHOLM', 'Malmö', 'Oslo', 'Riga',
        'VILNIUS', 'Tallinn'], hash(number, 'town')) as town,
    number % 6 as dialect,
    number % 3 = 0 as tells_balances
from range(getvariable('accounts')) as numbers (number);

create table entries as
with numbered as (
    select accounts.*, numbers.entry, accounts.account * 100000 + numbers.entry as id
    from accounts cross join range(getvariable('entries_each')) as numbers (entry)
),
kinds as (
    select *,
        case
            when entry < 600 then 'monthly'
            when chance(id, 'kind') < 0.04 then 'transfer'
            when chance(id, 'kind') < 0.05 then 'refund'
            when chance(id, 'kind') < 0.15 then 'elsewhere'
            else 'shop'
        end as kind,
        entry % 10 as series
    from numbered
),
-- Both sides of a transfer know it by the same number, that of the account of the two that is even.
chosen as (
    select *,
        if(kind = 'transfer', (account - account % 2) * 100000 + entry, id) as about,
        case
            when kind = 'elsewhere' then hash(id, 'shop') % 23000
            when kind = 'monthly' then hash(account, series, 'series') % 3006
            else hash(account, cast(floor(60 * pow(chance(id, 'which'), 2)) as integer), 'own') % 3006
        end as shop,
        if(kind = 'monthly', entry // 10, 0) as month
    from kinds
),
dated as (
    select *,
        case
            when kind = 'monthly' then cast(date '2021-09-01' + to_months(cast(month as integer)) as date) + cast(series * 2 as integer)
            else date '2021-09-05' + cast(hash(about, 'day') % getvariable('days') as integer)
        end as booking_date,
        case
            when kind = 'monthly' and series = 0 then money(250000 + account % 100 * 1000)
            when kind = 'monthly' then -money(900 + hash(account, series, 'sum') % 60000 + if(month > 30, 100, 0))
            when kind = 'transfer' then money(1000 + hash(about, 'sum') % 50000) * if(xor(hash(about, 'side') % 2, account % 2) = 0, 1, -1)
            when kind = 'refund' then money(500 + hash(id, 'sum') % 9000)
            else -money(100 + floor(900 * exp(2 * chance(id, 'sum') + chance(id, 'more') * 2)))
        end as amount
    from chosen
)
select dated.* exclude (kind, tells_balances), kind, tells_balances, shops.name, shops.name || case when dialect % 2 = 0 then '' else ' ' || town end as shouted,
    sum(amount) over (partition by account order by booking_date, entry rows unbounded preceding) as balance
from dated inner join shops using (shop)
where booking_date < date '2026-09-04';

-- How banks write the same: the name in its field or only in the text, with dates, times, cards and terminals.
create view landing.transactions as
select
    answers.answer || '-' || account_id as extract_id, account_id, 'booked' as booking_status,
    cast(row_number() over (partition by answers.answer, account_id order by booking_date desc, entry desc) - 1 as varchar) as entry_index,
    if(dialect = 5, null, 'T' || lpad(cast(id as varchar), 12, '0')) as transaction_id,
    md5('entry ' || id) as internal_transaction_id,
    cast(booking_date as varchar) as booking_date,
    cast(booking_date - if(kind = 'shop' and dialect = 3, 1, 0) as varchar) as value_date,
    cast(amount as varchar) as transaction_amount, 'EUR' as transaction_currency,
    case when amount < 0 and dialect <> 1 then if(kind = 'transfer', 'Jo Farthing', name) end as creditor_name,
    case when amount > 0 and dialect <> 1 then if(kind = 'transfer', 'Jo Farthing', name) end as debtor_name,
    case when amount < 0 and kind = 'transfer' then other_iban end as creditor_account_iban,
    case when amount > 0 and kind = 'transfer' then other_iban end as debtor_account_iban,
    case
        when kind = 'transfer' then pick(['Savings', 'Umbuchung', 'Rücklage', 'back again'], hash(about, 'text'))
        when kind = 'monthly' then pick(['Rechnung ', 'Invoice ', 'Abo ', 'Mandat '], series) || lpad(cast(hash(id) % 10000000 as varchar), 7, '0') || ' ' || name
        when kind = 'refund' then 'Refund ' || name || ' order ' || cast(hash(id, 'order') % 1000000 as varchar)
        when dialect = 0 then name || '//' || town || '/DE ' || booking_date || 'T' || lpad(cast(hash(id) % 24 as varchar), 2, '0') || ':10:33 Debitk. 1 2027-12'
        when dialect = 1 then 'VISA DEBIT ' || upper(shouted) || ' ' || strftime(booking_date, '%d.%m.%Y') || ' CARD ****' || cast(1000 + account % 9000 as varchar)
        when dialect = 2 then 'Betaalautomaat ' || strftime(booking_date, '%d-%m-%y') || ' 14:' || lpad(cast(hash(id) % 60 as varchar), 2, '0') || ' ' || name || ' ' || town || ' term. ' || cast(hash(id, 'terminal') % 900000 as varchar)
        when dialect = 3 then 'CB ' || shouted || ' FACT ' || strftime(booking_date, '%d%m%y')
        when dialect = 4 then 'Karta ' || name || ', ' || town || ' ref ' || md5(cast(id as varchar))
        else 'PayPal *' || shouted || ' ' || cast(hash(id) % 10000000 as varchar)
    end as remittance_information_unstructured,
    case when kind in ('shop', 'elsewhere') then 'PMNT-CCRD-POSD' when kind = 'transfer' then 'PMNT-ICDT-BOOK' else 'PMNT-RDDT-ESDD' end as bank_transaction_code,
    case when kind = 'monthly' and series = 0 then 'SALA' end as purpose_code,
    case when kind in ('shop', 'elsewhere') and dialect in (2, 4) then pick(['5411', '5812', '5541', '5651', '4111', '7011', '5912'], shop) end as merchant_category_code,
    if(tells_balances, cast(balance as varchar), null) as balance_after_transaction_amount,
    if(tells_balances, 'EUR', null) as balance_after_transaction_currency
from main.entries
inner join (values ('all', date '2000-01-01'), ('newest', date '2026-06-06')) as answers (answer, first_date)
    on entries.booking_date >= answers.first_date;

create view landing.balances as
select 'balances-' || account_id as extract_id, account_id, '0' as entry_index,
    cast(sum(amount) as varchar) as balance_amount, 'EUR' as balance_currency, 'closingBooked' as balance_type,
    '2026-09-03' as reference_date
from main.entries group by account_id;

create view landing.details as
select 'details-' || account_id as extract_id, account_id, iban, 'EUR' as currency,
    'Account ' || account as name, 'Giro' as product
from main.accounts;

create view landing.accounts as
select 'accounts-' || account_id as extract_id, account_id, iban, 'BANK_' || dialect as institution_id, 'READY' as status
from main.accounts;

create view landing.institutions as
select 'institutions-' || min(account_id) as extract_id, min(account_id) as account_id, 'BANK_' || dialect as institution_id,
    'Bank ' || dialect as name, '["DE"]' as countries, '730' as transaction_total_days
from main.accounts group by dialect;

create view landing.extracts as
select answers.answer || '-' || account_id as extract_id, account_id, 'gocardless' as provider, answers.endpoint,
    'run-' || answers.day as run_id, '1' as attempt, answers.day || 'T06:00:00+00:00' as requested_at,
    answers.day || 'T06:00:00+00:00' as started_at, answers.day || 'T06:00:01+00:00' as ended_at,
    answers.date_from, if(answers.endpoint = 'transactions', answers.day, null) as date_to, 'ok' as outcome
from main.accounts cross join (values
    ('all', 'transactions', '2026-09-03', '2021-09-01'), ('newest', 'transactions', '2026-09-04', '2026-06-06'),
    ('balances', 'balances', '2026-09-04', null), ('details', 'details', '2026-09-04', null),
    ('accounts', 'accounts', '2026-09-04', null), ('institutions', 'institutions', '2026-09-04', null)
) as answers (answer, endpoint, day, date_from)
where answers.endpoint <> 'institutions' or account_id in (select account_id from landing.institutions);
