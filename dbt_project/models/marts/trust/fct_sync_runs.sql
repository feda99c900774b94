with extracts as ({{ from_every_provider('extracts') }})

select
    run_id,
    cast(count(distinct account_id) as integer) as accounts,
    cast(count(*) as integer) as questions,
    cast(count(*) filter (where outcome = 'ok') as integer) as good_answers,
    cast(count(*) filter (where outcome in ('retry', 'retry_sparingly', 'not_ready')) as integer) as retry_answers,
    cast(count(*) filter (where outcome = 'wait') as integer) as wait_answers,
    cast(count(*) filter (where outcome = 'relink') as integer) as relink_answers,
    cast(count(*) filter (where outcome = 'skip') as integer) as skip_answers,
    cast(
        count(*) filter (
            where coalesce(outcome, '') not in (
                'ok', 'retry', 'retry_sparingly', 'not_ready', 'wait', 'relink', 'skip'
            )
        ) as integer
    ) as faulty_answers,
    cast(coalesce(sum(entries) filter (where endpoint = 'transactions' and is_good), 0) as bigint) as entries,
    cast(date_diff('millisecond', min(started_at), max(ended_at)) / 1000 as decimal(18, 3)) as duration_seconds,
    count(*) = count(*) filter (where is_good) as is_complete,
    min(requested_at) as requested_at,
    min(started_at) as started_at,
    max(ended_at) as ended_at
from extracts
where run_id is not null
group by run_id
order by requested_at, run_id
