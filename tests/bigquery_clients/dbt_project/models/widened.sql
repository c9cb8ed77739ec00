{{ config(
    materialized='incremental',
    unique_key='id',
    on_schema_change='append_new_columns',
) }}

select id, status
{%- if var('wide', false) %}, amount{% endif %}
from {{ ref('events') }}
