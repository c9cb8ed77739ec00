if "transformer" not in globals():
    from mage_ai.data_preparation.decorators import transformer
if "test" not in globals():
    from mage_ai.data_preparation.decorators import test


@transformer
def transform(df, *args, **kwargs):
    df = df[df.status.isin(["paid", "sent"])].dropna(subset=["city"])
    df["total"] = df["price"] * df["quantity"]
    df["customer"] = df["customer_name"].str.title()
    return df.groupby("city").agg({"total": "sum", "discount": "mean"}).reset_index()


@test
def test_cities_have_totals(output, *args):
    assert len(output) > 1
    assert (output["total"] > 0).all()
