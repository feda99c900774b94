-- Each settled transaction has one current version, and nothing else has one; each later version says what changed.
with settled as (select transaction_key from ({{ from_every_provider('transactions') }}) as transactions),

versions as (select * from {{ ref('fct_transaction_versions') }}),

current_versions as (select transaction_key from versions where is_current)

select settled.transaction_key
from settled
anti join current_versions on settled.transaction_key = current_versions.transaction_key
union all
-- Where each has one, there are as many only if none has two and nothing else has one.
select 'as many current versions as transactions' as transaction_key
where (select count(*) from current_versions) <> (select count(*) from settled)
union all
select transaction_key
from versions
where version > 1 and len(coalesce(changed_fields, [])) = 0
