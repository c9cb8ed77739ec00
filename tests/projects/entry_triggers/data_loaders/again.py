from mage_ai.orchestration.triggers.api import trigger_pipeline

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def again(*args, **kwargs):
    trigger_pipeline('itself', check_status=True, error_on_failure=True)
    return {}
