import sys
import time

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


class SlowLoader:
    """Making the module takes so long that another thread comes to import a part of it."""

    def __init__(self, loader):
        self._loader = loader

    def create_module(self, spec):
        time.sleep(1)
        return self._loader.create_module(spec)

    def exec_module(self, module):
        self._loader.exec_module(module)


class SlowFinder:
    def find_spec(self, name, path=None, target=None):
        if name == 'psycopg2':
            found = (one.find_spec(name, path, target) for one in sys.meta_path if one is not self)
            spec = next(one for one in found if one is not None)
            spec.loader = SlowLoader(spec.loader)
            return spec


sys.meta_path.insert(0, SlowFinder())
import psycopg2


@custom
def by_package(*args, **kwargs):
    with psycopg2.connect('host=db user=u password=p') as connection, connection.cursor() as cursor:
        cursor.execute('CREATE TABLE by_package AS SELECT 1 AS n')
