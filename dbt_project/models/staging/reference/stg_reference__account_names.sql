with namings as (select * from {{ source('reference', 'account_names') }}),

renamed as (
    select
        account_id,
        provider,
        nullif(name, '') as account_name,
        cast(named_at as timestamp) as named_at
    from namings
    qualify row_number() over (partition by provider, account_id order by named_at desc) = 1
)

select * from renamed
