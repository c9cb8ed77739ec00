import pandas as pd
import requests
from bs4 import BeautifulSoup

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@data_loader
def load_data(*args, **kwargs):
    headers = {'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64)'}
    page = requests.get('https://www.markets.example/indices', headers=headers)
    soup = BeautifulSoup(page.content, 'html.parser')
    table = soup.find('table', {'class': 'quotes'})

    header = [th.text.strip() for th in table.find_all('th')]
    rows = []
    for tr in table.find_all('tr')[1:]:
        rows.append([td.text.strip() for td in tr.find_all('td')])
    return pd.DataFrame(rows, columns=header)


@test
def test_output(output, *args) -> None:
    """
    Template code for testing the output of the block.
    """
    assert output is not None, 'The output is undefined'
