import json
from kafka import KafkaProducer

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def export_data(df, *args, **kwargs):
    producer = KafkaProducer(bootstrap_servers='broker:29092', value_serializer=lambda v: json.dumps(v).encode())
    for row in df.to_dict(orient='records'):
        producer.send('scores', row)
    producer.flush()
