from os import environ
import os

import sklearn_of_nobody.linear_model

try:
    import a_faster_one
except ImportError:
    a_faster_one = None

if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer


@transformer
def transform(rates, trips, *args, **kwargs):
    horizon = os.environ.get('HORIZON', '7')
    return sklearn_of_nobody.linear_model.predict(trips, environ['MODEL_PATH'], int(horizon))
