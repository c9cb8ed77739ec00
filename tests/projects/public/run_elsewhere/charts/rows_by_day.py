@data_source
def data(df):
    return df


@configuration
def configuration():
    return {'chart_type': 'histogram'}
