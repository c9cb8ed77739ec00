import pandas as pd
import rates_of_day

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def load(*args, **kwargs):
    trips = pd.DataFrame({'trip_id': [1, 2, 3], 'miles': [1.0, 2.0, 10.0]})
    trips['fare'] = rates_of_day.fare(trips['miles'])
    trips['loaded'] = pd.Timestamp.now('UTC')
    return trips
