"""What the projects under tests/projects/public ask of the web, as cassettes made anew each time."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import yaml

if TYPE_CHECKING:
    from pathlib import Path

TLC = "https://github.com/DataTalksClub/nyc-tlc-data/releases/download"
CLOUDFRONT = "https://d37ci6vzurychx.cloudfront.net/trip-data"
DAY = "2021-02-01"


def write_web(http: Path) -> None:
    """Write a cassette of everything that the projects fetch.

    Args:
        http: The folder ``fixtures/http``.
    """
    entries = []
    http.mkdir(parents=True)
    for number, (url, body) in enumerate(_bodies().items()):
        entries.append(_entry(http, f"{number}.body", body, method="GET", url=url))
    for number, (url, request, match, answer) in enumerate(_posts()):
        sent = f"{number}.sent"
        (http / sent).write_bytes(request)
        asked = {"body": sent, "sha256": hashlib.sha256(request).hexdigest(), "match": match}
        body = json.dumps(answer).encode()
        entries.append(
            _entry(http, f"{number}.answer", body, method="POST", url=url, request=asked)
        )
    (http / "index.yaml").write_text(yaml.safe_dump(entries, sort_keys=False))


def _entry(http: Path, name: str, body: bytes, **of_request: Any) -> dict[str, Any]:
    (http / name).write_bytes(body)
    return {
        **of_request,
        "status": 200,
        "body": name,
        "sha256": hashlib.sha256(body).hexdigest(),
        "recorded": "2021-02-01T05:00:00Z",
    }


def _bodies() -> dict[str, bytes]:
    """What each URL answers to a GET."""
    music = "https://api.music.example/v1/me/player/recently-played?limit=50"
    return {
        "https://raw.githubusercontent.com/mage-ai/datasets/master/titanic_survived.csv?raw=True": (
            b"PassengerId,Survived,Pclass,Name,Sex,Age,SibSp,Parch,Fare\n"
            b"1,0,3,A,male,22,1,0,7.25\n2,1,1,B,female,38,1,0,71.28\n"
            b"3,1,3,C,female,,0,0,\n4,0,2,D,male,54,0,0,13\n"
        ),
        f"{TLC}/yellow/yellow_tripdata_2021-01.csv.gz": _yellow(9),
        f"{TLC}/yellow/yellow_tripdata_2021-02.csv.gz": _yellow(10),
        **{f"{TLC}/green/green_tripdata_2020-{n}.csv.gz": _green(n) for n in (10, 11, 12)},
        **{f"{TLC}/fhv/fhv_tripdata_2019-{n:02d}.csv.gz": _fhv(n) for n in (1, 2)},
        **{f"{CLOUDFRONT}/green_tripdata_2021-{n:02d}.parquet": _durations(n) for n in (1, 2)},
        "https://storage.googleapis.com/uber-data-engineering-project/uber_data.csv": (
            b"VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,RatecodeID,"
            b"fare_amount,total_amount\n"
            b"1,2016-03-01 00:00:00,2016-03-01 00:07:55,1,1,9.0,12.35\n"
            b"2,2016-03-01 00:00:00,2016-03-01 00:11:06,1,2,11.0,15.35\n"
            b"2,2016-03-01 00:00:00,2016-03-01 00:31:06,5,1,54.5,63.8\n"
            b"2,2016-03-01 00:00:00,2016-03-01 00:31:06,5,1,54.5,63.8\n"
        ),
        "https://s3.amazonaws.com/tripdata/JC-202101-citibike-tripdata.csv": (
            b"Trip Duration,Start Time,Bike ID\n233,2021-01-01 00:03:35,a\n640,2021-01-02 08:00:00,b\n"
        ),
        **dict(_weather()),
        "https://www.markets.example/indices": (
            b"<html><body><table class='quotes'><tr><th>Name</th><th>Last</th><th>Change</th></tr>"
            b"<tr><td>DAX</td><td>13,432.87</td><td>-1.71%</td></tr>"
            b"<tr><td>AEX</td><td> 637.10 </td><td>0.5%</td></tr></table></body></html>"
        ),
        "https://archive.ics.uci.edu/static/public/275/bike+sharing+dataset.zip": _zip(
            {
                "day.csv": "instant,dteday,cnt\n1,2011-01-01,985\n2,2011-01-02,801\n",
                "hour.csv": "instant,dteday,cnt\n1,2011-01-01,16\n",
                "Readme.txt": "about\n",
            }
        ),
        music: _json({"items": [_song(3, "Blue"), _song(2, "Red")], "next": f"{music}&before=2"}),
        f"{music}&before=2": _json({"items": [_song(1, "Blue")], "next": None}),
        "https://gbfs.bikes.example/en/station_status.json": _json(
            {
                "data": {
                    "stations": [
                        {"station_id": "s1", "num_bikes_available": 3, "last_reported": 1612155600},
                        {"station_id": "s2", "num_bikes_available": 0, "last_reported": 1612155660},
                    ]
                }
            }
        ),
        **{f"https://data.gharchive.org/{DAY}-{hour}.json.gz": _events(hour) for hour in (0, 1)},
        "https://prices.example.org/daily.csv": b"day,price\n2021-01-01,12.5\n2021-01-02,99\n",
        "https://lake.example.net/yellow/2021-01.parquet": _parquet(
            {"zone": ["JFK", "SoHo", "JFK"], "fare": [52.0, 8.5, 52.0]}
        ),
    }


def _posts() -> list[tuple[str, bytes, str, Any]]:
    """URL, what is sent, how it is compared, and the answer."""
    query = "\nquery ($year: Int!) { releases(year: $year) { title artist { name } } }\n"
    return [
        (
            "https://accounts.music.example/api/token",
            b"grant_type=refresh_token&refresh_token=throw-away",
            "form",
            {"access_token": "made-up", "token_type": "Bearer"},
        ),
        (
            "https://graphql.music.example/",
            _json({"query": query, "variables": {"year": 2021}}),
            "json",
            {"data": {"releases": [{"title": "Blue", "artist": {"name": "Joni"}}]}},
        ),
        (
            "https://hooks.slack.com/services/T0/B0/x",
            _json({"text": "north: 10\nsouth: 20"}),
            "json",
            {"ok": True},
        ),
    ]


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _song(minute: int, name: str) -> dict[str, Any]:
    track = {"name": name, "artists": [{"name": "Joni"}]}
    return {"played_at": f"{DAY}T05:0{minute}:00Z", "track": track}


def _csv_gz(columns: dict[str, list[Any]]) -> bytes:
    out = io.BytesIO()
    options = pa_csv.WriteOptions(quoting_style="none")
    pa_csv.write_csv(pa.table(columns), out, write_options=options)
    return gzip.compress(out.getvalue(), mtime=0)


def _parquet(columns: dict[str, list[Any] | pa.Array]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def _zip(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return out.getvalue()


def _yellow(rows: int) -> bytes:
    """Trips of a month: the first without passengers, the second with an unknown number."""
    return _csv_gz(
        {
            "VendorID": [1] * rows,
            "tpep_pickup_datetime": [f"2021-01-{n + 1:02d} 00:30:10" for n in range(rows)],
            "tpep_dropoff_datetime": [f"2021-01-{n + 1:02d} 00:36:12" for n in range(rows)],
            "passenger_count": [0, None, *(n % 4 + 1 for n in range(2, rows))],
            "trip_distance": [n / 2 for n in range(rows)],
            "RatecodeID": [1] * rows,
            "store_and_fwd_flag": ["N"] * rows,
            "PULocationID": [142 + n for n in range(rows)],
            "DOLocationID": [43] * rows,
            "payment_type": [2] * rows,
            "fare_amount": [8.5] * rows,
            "total_amount": [11.8] * rows,
        }
    )


def _green(month: int) -> bytes:
    """Four trips on two days of a month, of which two are kept."""
    return _csv_gz(
        {
            "VendorID": [2, 1, 2, 2],
            "lpep_pickup_datetime": [f"2020-{month}-0{n} 08:00:00" for n in (1, 1, 2, 2)],
            "lpep_dropoff_datetime": [f"2020-{month}-0{n} 08:20:00" for n in (1, 1, 2, 2)],
            "store_and_fwd_flag": ["N", "N", None, "Y"],
            "PULocationID": [7, 8, 9, 10],
            "passenger_count": [1, 0, 2, 3],
            "trip_distance": [1.5, 2.0, 3.25, 0.0],
        }
    )


def _fhv(month: int) -> bytes:
    days = [f"2019-{month:02d}-{n:02d}" for n in (1, 2, 3)]
    return _csv_gz(
        {
            "dispatching_base_num": ["B1", "B1", "B2"],
            "pickup_datetime": [f"{day} 10:00:00" for day in days],
            "dropOff_datetime": [f"{day} 11:00:00" for day in days],
            "PUlocationID": [1.0, 2.0, None],
        }
    )


def _durations(month: int) -> bytes:
    """Ten trips of 10, 11, ... minutes."""
    began = 1_609_459_200 + (month - 1) * 31 * 86_400
    stamp = pa.timestamp("us")
    return _parquet(
        {
            "lpep_pickup_datetime": pa.array([began * 10**6] * 10, stamp),
            "lpep_dropoff_datetime": pa.array(
                [(began + 60 * (10 + n)) * 10**6 for n in range(10)], stamp
            ),
            "PULocationID": [n % 3 for n in range(10)],
            "DOLocationID": [n % 2 for n in range(10)],
        }
    )


def _weather() -> list[tuple[str, bytes]]:
    """Two pages of each city."""
    found = []
    for city in ("Berlin", "Lagos"):
        for page in (1, 2):
            hours = [{"time": f"{DAY} 0{page}:00", "temp_c": 10.0 * page}]
            url = f"https://api.weatherdata.example/v1/history?q={city}&page={page}&key=throw-away"
            answer = {
                "location": {"name": city},
                "hours": hours,
                "next_page": 2 if page < 2 else None,
            }
            found.append((url, _json(answer)))
    return found


def _events(hour: int) -> bytes:
    lines = [
        json.dumps(
            {
                "id": str(15_000_000_000 + hour * 10 + n),
                "type": kind,
                "actor": {"login": f"user-{n}"},
                "created_at": f"{DAY}T0{hour}:0{n}:00",
            }
        )
        for n, kind in enumerate(("PushEvent", "WatchEvent", "PushEvent"))
    ]
    return gzip.compress("\n".join(lines).encode(), mtime=0)
