import functools
import multiprocessing
import os
import socket
import subprocess
import sys
import threading

import pandas as pd

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


class Retried:
    def __init__(self, function):
        self.function = function

    def __call__(self, *args, **kwargs):
        return self.function(*args, **kwargs)


def double(number):
    return 2 * number


@data_loader
@Retried
def load(*args, **kwargs):
    # Children of a fork end by os._exit, and so does this one.
    context = multiprocessing.get_context('fork')
    child = context.Process(target=double, args=(1,))
    child.start()
    child.join()
    subprocess.run([sys.executable, '-c', 'import os; os._exit(3)'])
    # Which address would be used: nothing is sent.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(('192.0.2.1', 53))
    threads = [threading.Thread(target=double, args=(2,)) for _ in range(3)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    for name in [name for name in os.environ if name.startswith('MAGE_HARNESS_')]:
        del os.environ[name]
    return pd.DataFrame({'a': [functools.partial(double, 1)()]})


@test
def one_row(output, *args):
    assert len(output) == 1
