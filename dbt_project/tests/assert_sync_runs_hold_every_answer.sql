-- No call is missing, and each is counted under one meaning.
with extracts as (select count(*) as calls from ({{ from_every_provider('extracts') }}) as calls where run_id is not null),

runs as (
    select
        coalesce(sum(questions), 0) as questions,
        coalesce(
            sum(good_answers + retry_answers + wait_answers + relink_answers + skip_answers + faulty_answers), 0
        ) as answers
    from {{ ref('fct_sync_runs') }}
    where run_id is not null
)

select runs.questions
from runs
cross join extracts
where runs.questions <> extracts.calls or runs.answers <> extracts.calls
