-- What was retracted is not settled; what took its place is, or was retracted in its turn, and takes nothing else's.
select retractions.transaction_key
from {{ ref('fct_retractions') }} as retractions
left join ({{ from_every_provider('transactions') }}) as settled
    on retractions.transaction_key = settled.transaction_key
left join ({{ from_every_provider('transactions') }}) as successors
    on retractions.successor_transaction_key = successors.transaction_key
where
    settled.transaction_key is not null
    or (
        retractions.successor_transaction_key is not null
        and successors.transaction_key is null
        and retractions.successor_transaction_key not in (
            select others.transaction_key from {{ ref('fct_retractions') }} as others
        )
    )
    or (retractions.transaction_key is not null and retractions.retracted_at is null)
union all
select min(transaction_key) as transaction_key
from {{ ref('fct_retractions') }}
where successor_transaction_key is not null
group by successor_transaction_key
having count(*) > 1
