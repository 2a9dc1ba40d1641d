"""No patient data in logs, whatever their level, nor in what people read while charts come in."""

import json
from pathlib import Path

from tests.fixtures.home import chart, json_lines, kho


def test_neither_logs_nor_messages_name_a_patient(home_folder: Path, tmp_path: Path) -> None:
    good, bad = chart(1), chart(2)
    bad["patient"]["sex"] = "người bệnh nữ"
    bad["papers"][0]["data"]["chan_doan"] = ["HIV"]
    for name, content in (("good.json", good), ("bad.json", bad)):
        (tmp_path / name).write_text(json.dumps(content))
    done = kho(
        home_folder,
        "ingest",
        "--json",
        tmp_path / "good.json",
        tmp_path / "bad.json",
        env={"KHO_LOG_LEVEL": "debug"},
    )
    assert done.returncode == 3
    chart_id = json_lines(done.stdout)[0]["chart_id"]
    deposited = kho(home_folder, "deposit", chart_id, env={"KHO_LOG_LEVEL": "debug"})
    said = done.stderr + deposited.stderr
    events = [json.loads(line)["event"] for line in said.splitlines() if line.startswith("{")]
    assert {"accession.archived", "deposit.locked"} <= set(events)
    for source in (good, bad):
        patient = source["patient"]
        secrets = [
            patient["name"],
            patient["local_id"],
            patient["national_id"],
            *patient["insurance_cards"],
        ]
        for secret in [
            *secrets,
            source["chart"]["episode"],
            "Viêm phổi",
            "J18.9",
            "HIV",
            "người bệnh nữ",
        ]:
            assert secret not in said


def test_a_home_is_for_its_owner_only(tmp_path: Path) -> None:
    from signing.testpki.running import stop

    home, source = tmp_path / "home", tmp_path / "chart.json"
    source.write_text(json.dumps(chart()))
    try:
        kho(home, "init", "--demo", check=True)
        (receipt,) = json_lines(kho(home, "ingest", "--json", source, check=True).stdout)
        kho(home, "get", receipt["document_id"], "-o", tmp_path / "o.pdf", check=True)
    finally:
        stop(home / "testpki")
    assert home.stat().st_mode & 0o777 == 0o700
    # Objects are 0444 by design; they cannot be reached, for each folder above is closed.
    folders = [path for path in home.rglob("*") if path.is_dir()]
    files = [
        path
        for path in home.rglob("*")
        if path.is_file() and "vault" not in path.relative_to(home).parts
    ]
    assert [
        path for path in (*folders, *files, tmp_path / "o.pdf") if path.stat().st_mode & 0o077
    ] == []
