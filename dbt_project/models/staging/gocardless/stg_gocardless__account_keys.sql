with recursive evidence as (select * from {{ ref('stg_gocardless__account_evidence') }}),

links as (
    select distinct
        account_id,
        first_fetched_at
    from evidence
),

account_numbers as (
    select
        account_id,
        strength,
        list(distinct evidence_number) as numbers
    from evidence
    where is_bond and strength <= 2
    group by all
),

-- Other IBANs are other accounts, whatever else they share: banks count resource ids from one for each user.
contradicted as (
    select distinct mine.evidence
    from evidence as mine
    inner join evidence as theirs on mine.evidence = theirs.evidence and mine.account_id < theirs.account_id
    inner join account_numbers as my_numbers
        on mine.account_id = my_numbers.account_id and mine.strength > my_numbers.strength
    inner join account_numbers as their_numbers
        on theirs.account_id = their_numbers.account_id and my_numbers.strength = their_numbers.strength
    where not list_has_any(my_numbers.numbers, their_numbers.numbers)
),

bonds as (
    select
        account_id,
        evidence
    from evidence
    where is_bond and evidence not in (select contradicted.evidence from contradicted)
),

pairs as (
    select distinct
        mine.account_id,
        theirs.account_id as other_id
    from bonds as mine
    inner join bonds as theirs on mine.evidence = theirs.evidence
),

-- From link to link over shared evidence, as far as it goes. There are few links, whatever the transactions.
reached (account_id, other_id) as (
    select
        account_id,
        account_id as other_id
    from links
    union
    select
        reached.account_id,
        pairs.other_id
    from reached
    inner join pairs on reached.other_id = pairs.account_id
),

oldest as (
    select
        reached.account_id,
        reached.other_id as oldest_id
    from reached
    inner join links on reached.other_id = links.account_id
    qualify row_number() over (
        partition by reached.account_id order by links.first_fetched_at, reached.other_id
    ) = 1
),

names as (
    select
        account_id,
        evidence,
        first_fetched_at
    from evidence
    where is_first and account_id in (select oldest.oldest_id from oldest)
    qualify row_number() over (partition by account_id order by strength, evidence) = 1
),

-- Where two accounts looked the same at first, the older one keeps the name.
own_names as (
    select
        account_id,
        case
            when row_number() over (partition by evidence order by first_fetched_at, account_id) = 1 then evidence
            else 'id:' || account_id
        end as evidence
    from names
)

select
    oldest.account_id,
    md5(own_names.evidence) as account_key
from oldest
inner join own_names on oldest.oldest_id = own_names.account_id
