from mage_ai.io.file import FileIO

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def export_data_to_file(df, **kwargs) -> None:
    FileIO().export(df, '/home/src/reports/fhv_bases.csv')
