{{ config(materialized='ephemeral') }}
select * from {{ source('files', 'fares') }} where fare > 0
