-- A successor came later than what it took the place of, or came back and is settled: no chain of them comes back to
-- where it began.
with recursive moves as (
    select
        transaction_key,
        successor_transaction_key
    from {{ ref('fct_retractions') }}
    where successor_transaction_key is not null
),

followed as (
    select
        transaction_key,
        successor_transaction_key as current_transaction_key,
        1 as moves
    from moves
    union all
    select
        followed.transaction_key,
        moves.successor_transaction_key as current_transaction_key,
        followed.moves + 1 as moves
    from followed
    inner join moves on followed.current_transaction_key = moves.transaction_key
)

select followed.*
from followed
anti join {{ ref('fct_retractions') }} as retracted on followed.current_transaction_key = retracted.transaction_key
