import pandas as pd
import requests

if "data_loader" not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def load(*args, **kwargs):
    answer = requests.get("https://api.example.com/v1/orders?year=2023", timeout=30)
    answer.raise_for_status()
    found = answer.json()["results"]
    df = pd.DataFrame([{"id": one["order_id"], "state": one["status"]} | one for one in found])
    df["ordered_on"] = pd.to_datetime(df["ordered_at"], format="%Y%m%d")
    return df
