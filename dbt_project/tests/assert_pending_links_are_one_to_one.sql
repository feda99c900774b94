-- A settled transaction is what one announcement became, and is there; what is not booked has none.
select links.announcement_key
from {{ ref('fct_pending_links') }} as links
left join ({{ from_every_provider('transactions') }}) as transactions
    on links.transaction_key = transactions.transaction_key
where
    links.announcement_key is not null
    and (
        (links.outcome = 'booked') <> (transactions.transaction_key is not null)
        or links.score is null and links.outcome = 'booked'
    )
union all
select min(announcement_key) as announcement_key
from {{ ref('fct_pending_links') }}
where transaction_key is not null
group by transaction_key
having count(*) > 1
