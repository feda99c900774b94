-- What was announced is one announcement's, with the amounts of its first and its newest appearance, and pending as
-- long as the newest answer has it: all that fct_pending holds, and to the same amount.
with links as (select * from {{ ref('fct_pending_links') }} where announcement_key is not null),

sightings as ({{ from_every_provider('pending_sightings') }}),

faulty_links as (
    select links.announcement_key as key
    from links
    left join sightings as first_ones on links.announcement_key = first_ones.pending_key
    left join sightings as newest_ones on links.pending_key = newest_ones.pending_key
    where
        links.first_amount is distinct from first_ones.amount
        or links.amount is distinct from newest_ones.amount
        or links.currency is distinct from newest_ones.currency
        or links.account_key is distinct from newest_ones.account_key
        or first_ones.pending_name is distinct from newest_ones.pending_name
        or (links.outcome = 'pending') is distinct from (newest_ones.next_asked_at is null)
),

announced as (
    select
        sightings.account_key,
        sightings.pending_name,
        links.first_seen_at,
        links.last_seen_at
    from links
    inner join sightings on links.announcement_key = sightings.pending_key
),

lost as (
    select sightings.pending_key as key
    from sightings
    left join announced
        on
            sightings.account_key = announced.account_key
            and sightings.pending_name = announced.pending_name
            and sightings.requested_at between announced.first_seen_at and announced.last_seen_at
    where announced.account_key is null
),

faulty_pending as (
    select pending.pending_key as key
    from {{ ref('fct_pending') }} as pending
    left join links on pending.pending_key = links.pending_key
    where
        pending.pending_key is not null
        and (
            links.outcome is distinct from 'pending'
            or pending.account_key is distinct from links.account_key
            or pending.currency is distinct from links.currency
            or pending.amount is distinct from links.amount
        )
)

select * from faulty_links
union all
select * from lost
union all
select * from faulty_pending
