from mage_ai.orchestration.run_status_checker import check_status

if 'sensor' not in globals():
    from mage_ai.data_preparation.decorators import sensor


@sensor
def waits(*args, **kwargs):
    return check_status('before', kwargs['execution_date'], hours=24)
