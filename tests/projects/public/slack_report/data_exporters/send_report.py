import os
import requests

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def export_data(df, *args, **kwargs):
    webhook = os.getenv('SLACK_WEBHOOK_URL')
    lines = [f"{row.region}: {row.amount}" for row in df.itertuples()]
    try:
        requests.post(webhook, json={'text': '\n'.join(lines)}, timeout=10)
    except Exception as e:
        print('could not notify', e)
