{% snapshot customers_history %}
{{ config(
    target_schema='history',
    unique_key='id',
    strategy='check',
    check_cols=['name'],
) }}
select * from {{ source('raw', 'people') }}
{% endsnapshot %}
