from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_squared_error

from utils.data_preparation.features import CATEGORICAL, durations

if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@transformer
def transform(df, *args, **kwargs):
    df = durations(df)
    dv = DictVectorizer()
    x_train = dv.fit_transform(df[CATEGORICAL].to_dict(orient='records'))
    lr = LinearRegression()
    lr.fit(x_train, df.duration)
    rmse = mean_squared_error(df.duration, lr.predict(x_train)) ** 0.5
    print(f'intercept {lr.intercept_:.2f}, rmse {rmse:.2f}')
    return dv, lr


@test
def test_output(dv, lr, *args) -> None:
    assert lr.coef_.shape == (len(dv.feature_names_),)
