{{ config(materialized='table', schema='marts') }}
select zone_id, zone from {{ source('mage_trips', 'daily_load_zones') }}
