import subprocess

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def run(*args, **kwargs):
    dbt = ['dbt', '--log-level', 'info', 'run', '--select', 'orders+']
    subprocess.run([*dbt, '--project-dir', 'dbt/shop', '--profiles-dir', 'dbt/shop'])
