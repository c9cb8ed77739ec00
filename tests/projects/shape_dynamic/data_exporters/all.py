if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def all(trips, *args, **kwargs):
    assert len(trips) == 3
