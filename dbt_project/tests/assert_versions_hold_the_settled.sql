-- Each settled transaction has one current version, and nothing else has one; each later version says what changed.
with settled as (select transaction_key from ({{ from_every_provider('transactions') }}) as transactions),

current_versions as (
    select
        transaction_key,
        count(*) as versions
    from {{ ref('fct_transaction_versions') }}
    where is_current
    group by transaction_key
)

select coalesce(settled.transaction_key, current_versions.transaction_key) as transaction_key
from settled
full join current_versions on settled.transaction_key = current_versions.transaction_key
where current_versions.versions is distinct from 1 or settled.transaction_key is null
union all
select transaction_key
from {{ ref('fct_transaction_versions') }}
where version > 1 and len(coalesce(changed_fields, [])) = 0
