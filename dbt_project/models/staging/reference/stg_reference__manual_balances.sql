select
    accounts.account_key,
    accounts.account_name,
    accounts.kind as account_kind,
    accounts.currency,
    cast(balances.amount as decimal(19, 4)) as amount,
    cast(balances.balance_date as date) as balance_date
from {{ source('reference', 'manual_accounts') }} as accounts
inner join {{ source('reference', 'manual_balances') }} as balances on accounts.account_key = balances.account_key
