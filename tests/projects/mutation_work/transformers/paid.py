from mutation_work.utils.money import total

if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test

LEAST = 0


@transformer
def keep(trips, *args, **kwargs):
    paid = trips[trips['fare'] > LEAST].dropna()
    paid['paid'] = total(paid['fare'], paid['tip'])
    if kwargs.get('strict'):
        paid = paid[paid['tip'] > 1]
    return paid


@test
def test_everybody_has_paid(output, *args):
    assert (output['fare'] > 0).all()
