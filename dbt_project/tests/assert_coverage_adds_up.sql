-- Covered days and gaps fill the time between the first and the last covered day, and every settled entry lies on one.
select account_key
from {{ ref('fct_coverage') }}
where covered_days > 0 and covered_days + gap_days <> last_covered_date - first_covered_date + 1
union all
select transactions.account_key
from ({{ from_every_provider('transactions') }}) as transactions
left join {{ ref('fct_coverage') }} as coverage on transactions.account_key = coverage.account_key
where
    coverage.account_key is null
    or transactions.booking_date not between coverage.first_covered_date and coverage.last_covered_date
