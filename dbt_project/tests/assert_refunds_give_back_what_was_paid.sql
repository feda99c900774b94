-- A purchase has one refund at most and the other way round; nothing gives back more than was paid, nor before it.
select refund_key
from {{ ref('fct_refunds') }}
where refund_amount > -purchase_amount or refund_date < purchase_date or refund_amount <= 0
union all
select min(refund_key) as refund_key
from {{ ref('fct_refunds') }}
where refund_key is not null
group by purchase_transaction_key
having count(*) > 1
