if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def export_data(df, *args, **kwargs):
    df.to_json('/home/src/left_overs/data/people.json', orient='records', force_ascii=False)
