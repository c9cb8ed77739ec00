from time import sleep

if 'sensor' not in globals():
    from mage_ai.data_preparation.decorators import sensor

ASKED = []


@sensor
def wait(*args, **kwargs):
    ASKED.append(1)
    sleep(600)
    return len(ASKED) > 2
