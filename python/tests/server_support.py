"""The stores on real servers that `scripts/servers/with` starts, each as a fresh folder."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Any

import pytest

from persistable import Store

# Azurite's own well-known key.
AZURITE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
BUCKETS = ("s3", "azure", "gcs")
SERVERS = (*BUCKETS, "sftp")


def server(name: str) -> str:
    """Returns where a server is. Skips the test if it does not run; with `PERSISTABLE_TEST_ALL` that is a failure."""
    address = os.environ.get(f"PERSISTABLE_TEST_{name.upper()}")
    if not address:
        (pytest.fail if os.environ.get("PERSISTABLE_TEST_ALL") else pytest.skip)(
            f"no server {name}: see scripts/servers"
        )
    return address


def place(kind: str, folder: str | None = None, endpoint: str | None = None) -> tuple[str, dict[str, Any]]:
    """Returns the URL and the options of a folder, by default a fresh one. `endpoint` is a way to the server."""
    folder = folder or f"python-{uuid.uuid4().hex}"
    address = server(kind)
    if kind == "s3":
        return f"s3://bucket/{folder}", {
            "endpoint": endpoint or address,
            "region": "us-east-1",
            "access_key_id": "dev",
            "secret_access_key": "devsecret",
        }
    if kind == "azure":
        return f"az://bucket/{folder}", {
            "endpoint": f"{endpoint}/devstoreaccount1" if endpoint else address,
            "account": "devstoreaccount1",
            "account_key": AZURITE_KEY,
        }
    if kind == "gcs":
        return f"gs://bucket/{folder}", {"endpoint": endpoint or address, "anonymous": True}
    return f"{address}/{folder}", {"ssh_config": server("sftp_config")}


def store_on(kind: str, folder: str | None = None, endpoint: str | None = None, **more: Any) -> Store:
    url, options = place(kind, folder, endpoint)
    return Store(url, **options, **more)


def https_folder() -> tuple[str, Path, dict[str, Any]]:
    """Returns the URL of a fresh folder that a web server shows, where this folder is, and the options."""
    url, authority = server("https"), server("https_ca")
    name = f"python-{uuid.uuid4().hex}"
    return f"{url}/{name}", Path(authority).parent / "files" / name, {"ca_file": authority}
