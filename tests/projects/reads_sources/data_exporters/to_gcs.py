from google.cloud import storage

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def export(df, *args, **kwargs):
    storage.Client().bucket('lake').blob('out/counts.csv').upload_from_string(df.to_csv(index=False))
