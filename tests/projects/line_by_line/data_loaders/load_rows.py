import threading
from functools import wraps

import pandas as pd

from line_by_line.utils.words import shout

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


def twice(function):
    @wraps(function)
    def called(*args):
        return function(*args) * 2

    return called


@twice
def length(word):
    return len(word)


def in_a_thread(found):
    found.append(shout('c'))


@data_loader
def load_rows(*args, **kwargs):
    words = [shout(word) for word in ('a', 'b')]
    if len(words) > 5:
        words = []
    for word in words:
        if length(word) > 5:
            words.append('too long')
            break
    thread = threading.Thread(target=in_a_thread, args=(words,))
    thread.start()
    thread.join()
    return pd.DataFrame({'word': words})


@test
def test_three_words(output, *args) -> None:
    if len(output) != 3:
        raise AssertionError('there are not three words')
