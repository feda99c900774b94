-- An amount that is no number, or a currency that is none, would make money vanish from every sum.
select transaction_key
from {{ ref('stg_gocardless__transactions') }}
where amount is null or nullif(currency, '') is null
