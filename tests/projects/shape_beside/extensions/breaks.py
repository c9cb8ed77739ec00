if 'extension' not in globals():
    from mage_ai.data_preparation.decorators import extension


@extension('great_expectations')
def validate(validator, *args, **kwargs):
    validator.expect_column_values_to_be_between(column='n', min_value=100)
