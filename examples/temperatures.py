"""A pandas pipeline on Parquet, from an input file: how warm was each month, and how fast does it get warmer?"""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd

from persistable import InputFile, Store
from persistable.io import JsonFileIO, ParquetFileIO

matplotlib.use("agg")
import matplotlib.pyplot as plt
from matplotlib.ticker import MaxNLocator

store = Store("example-data")


@store.step(payload_io=ParquetFileIO())
def measurements(csv: InputFile) -> pd.DataFrame:
    """What was measured, without the values that a broken sensor gave."""
    frame = pd.read_csv(csv, parse_dates=["day"])
    return frame[frame["celsius"].between(-60, 60)]


@store.step(payload_io=ParquetFileIO())
def yearly(measurements: pd.DataFrame) -> pd.DataFrame:
    years = measurements["day"].dt.year.rename("year")
    return measurements.groupby(["station", years])["celsius"].agg(["mean", "min", "max"]).reset_index()


@store.step(payload_io=JsonFileIO())
def warming(yearly: pd.DataFrame) -> dict[str, float]:
    """Degrees in ten years, for each station."""
    return {
        str(station): float(10 * np.polyfit(group["year"], group["mean"], 1)[0])
        for station, group in yearly.groupby("station")
    }


def main() -> None:
    source = InputFile(Path(__file__).parent / "temperatures.csv")
    years = yearly(measurements(source))
    print(years.payload.tail(3).to_string(index=False, float_format="%.1f"))
    for station, degrees in warming(years).payload.items():
        print(f"{station}: {degrees:+.2f} degrees in ten years")
    draw(years.payload)


def draw(years: pd.DataFrame) -> None:
    figure, axes = plt.subplots(figsize=(5, 3), layout="constrained")
    for station, group in years.groupby("station"):
        axes.plot(group["year"], group["mean"], marker=".", label=station)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel("mean, °C")
    axes.legend()
    Path("pictures").mkdir(exist_ok=True)
    figure.savefig("pictures/temperatures.png", dpi=90)


if __name__ == "__main__":
    main()
