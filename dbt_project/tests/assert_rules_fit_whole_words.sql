-- A short beginning or ending would fit words that have nothing to do with it, as spar would fit Sparkasse.
select
    pattern,
    category
from {{ ref('int_rules') }}
where (is_beginning or is_ending) and length(words) < 3 and priority >= {{ shipped_priorities() }}
