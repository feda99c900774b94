with good_extracts as (
    select
        extract_id,
        requested_at
    from {{ ref('stg_gocardless__extracts') }}
    where is_good
),

answers as (
    select
        answers.*,
        good_extracts.requested_at
    from {{ source('landing', 'institutions') }} as answers
    inner join good_extracts on answers.extract_id = good_extracts.extract_id
    where nullif(answers.institution_id, '') is not null
    qualify row_number() over (
        partition by answers.institution_id order by good_extracts.requested_at desc, answers.extract_id desc
    ) = 1
),

renamed as (
    select
        institution_id,
        nullif(trim({{ decoded('name') }}), '') as institution_name,
        nullif(upper(trim(bic)), '') as bic,
        nullif(trim(logo), '') as logo,
        try_cast(try_cast(countries as json) as varchar[]) as countries,
        try_cast(try_cast(supported_features as json) as varchar[]) as features,
        try_cast(transaction_total_days as integer) as history_days,
        try_cast(max_access_valid_for_days as integer) as access_days,
        requested_at as told_at
    from answers
)

select * from renamed
