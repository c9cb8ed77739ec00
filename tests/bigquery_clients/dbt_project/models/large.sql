{{ config(materialized='ephemeral') }}

select * from {{ ref('events') }} where amount >= 10
