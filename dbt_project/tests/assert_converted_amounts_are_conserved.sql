-- Every transaction's amount in the base currency is its own at the rate of its day, which the row tells, and a month's
-- cash flow in the base currency is what its transactions come to: without a rate there is no amount, never its own.
-- Many: read as a stream, not kept.
with transactions as not materialized (
    select
        currency,
        base_currency,
        amount,
        base_amount,
        rate,
        rate_date,
        booking_date,
        booking_month
    from {{ ref('fct_transactions') }}
    where transaction_key is not null
),

rates as (select * from {{ ref('int_exchange_rates') }}),

faulty_amounts as (
    select
        transactions.currency as subject,
        transactions.booking_month
    from transactions
    left join rates on transactions.currency = rates.currency and transactions.booking_date = rates.day
    where
        transactions.rate is distinct from rates.rate
        or transactions.rate_date is distinct from rates.rate_date
        or transactions.base_amount is distinct from {{ in_base('transactions.amount', 'rates.rate') }}
        or (
            transactions.currency = transactions.base_currency
            and transactions.base_amount is distinct from transactions.amount
        )
),

sums as (
    select
        base_currency as currency,
        booking_month,
        coalesce(sum(base_amount), 0) as amount,
        count(*) - count(base_amount) as unconverted
    from transactions
    group by all
),

flows as (
    select
        currency,
        booking_month,
        saved + transfers as amount,
        unconverted
    from {{ ref('fct_cash_flow') }}
    where is_converted
),

faulty_flows as (
    select
        coalesce(sums.currency, flows.currency) as subject,
        coalesce(sums.booking_month, flows.booking_month) as booking_month
    from sums
    full join flows on sums.currency = flows.currency and sums.booking_month = flows.booking_month
    where
        -- A month without a transaction is a month of the cash flow, too. Parts without a rate are told one by one.
        coalesce(sums.amount, 0) is distinct from coalesce(flows.amount, 0)
        or (coalesce(sums.unconverted, 0) > 0) is distinct from (coalesce(flows.unconverted, 0) > 0)
)

select * from faulty_amounts
union all
select * from faulty_flows
