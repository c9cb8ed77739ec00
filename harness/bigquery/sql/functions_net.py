"""NET functions that signatures tell. Source: "Net functions" of the reference.

NET.PUBLIC_SUFFIX and NET.REG_DOMAIN follow a list that changes from week to week: they are refused.
"""

from __future__ import annotations

NET = """
NET.HOST(STRING) STRING: nullif(vec_host({0}), '')
NET.IP_FROM_STRING(STRING) BYTES: vec_ip_from_string({0})
NET.SAFE_IP_FROM_STRING(STRING) BYTES: TRY(vec_ip_from_string({0}))
NET.IP_TO_STRING(BYTES) STRING: vec_ip_to_string({0})
NET.IP_NET_MASK(INT64, INT64) BYTES: vec_ip_net_mask({0}, {1})
NET.IP_TRUNC(BYTES, INT64) BYTES: vec_ip_trunc({0}, {1})
NET.IPV4_FROM_INT64(INT64) BYTES: bq_ipv4_from_int({0})
NET.IPV4_TO_INT64(BYTES) INT64: bq_ipv4_to_int({0})
"""
