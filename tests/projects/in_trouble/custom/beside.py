from subprocess import run
import sys

UPLOADS = """
from google.cloud import storage
for number in range(3):
    storage.Client().bucket('lake').blob(f'beside/{number}.txt').upload_from_string('trips')
"""


@custom
def beside(*args, **kwargs):
    run([sys.executable, '-c', UPLOADS], check=True)
    return 1
