import xgboost as xgb
from hyperopt import fmin, hp, tpe

if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@transformer
def transform(df, *args, **kwargs):
    space = {'max_depth': hp.quniform('max_depth', 4, 100, 1)}

    def objective(params):
        model = xgb.XGBClassifier(max_depth=int(params['max_depth']))
        model.fit(df.drop(columns='target'), df['target'])
        return {'loss': -model.score(df.drop(columns='target'), df['target']), 'status': 'ok'}

    return fmin(objective, space, algo=tpe.suggest, max_evals=3)


@test
def test_output(output, *args) -> None:
    """
    Template code for testing the output of the block.
    """
    assert output is not None, 'The output is undefined'
