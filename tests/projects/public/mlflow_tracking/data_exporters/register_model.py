import mlflow

mlflow.set_tracking_uri("http://mlflow:5000")
mlflow.set_experiment("wine")

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def export_data(params, *args, **kwargs):
    with mlflow.start_run():
        mlflow.log_params(params)
        mlflow.log_metric('rounds', 3)
