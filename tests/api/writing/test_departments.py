"""Departments have names: an act states them, every reader gets them, a rebuild keeps them."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from api.home import Home
from api.upkeep.maintenance import checker, rebuild
from api.writing.department_table import read_table
from api.writing.departments import DepartmentInvalid
from api.writing.intake import Intake
from archive.access.actor import Actor
from archive.access.scope import Scope
from archive.acts.signed_acts import CatalogueAltered
from archive.acts.stated_departments import stated_departments
from archive.base.clock import vietnam_date
from archive.base.departments import DepartmentName, Departments, ministry_names
from archive.base.errors import Denied
from archive.catalog import projection
from archive.catalog.tables import ActRow, DepartmentNameRow
from tests.fixtures.browsing import counted_queries
from tests.fixtures.home import CLERK, chart, json_lines, kho, take
from tests.ingest.render.reading import squeezed, text
from tests.ingest.sources.charts import b64, envelope, file, hoso, table, xml1

ADMINISTRATOR = Actor("quantri", "admin")
DAY = date(2026, 7, 1)


def named(home: Home, *names: tuple[str, str, date], actor: Actor = CLERK) -> int:
    """Name departments and do what follows."""
    naming = home.open_for_writing().departments
    changed = naming.name([DepartmentName(*n) for n in names], actor, home.scope)
    home.follow_ups.run()
    return changed


def dump(home: Home) -> list[bytes]:
    with home.catalog.read() as session:
        return list(projection.lines(session))


def acts(home: Home) -> int:
    with home.catalog.read() as session:
        return session.query(ActRow).count()


def test_a_name_of_the_facility_takes_the_place_of_the_ministrys_from_its_day_on(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    today = vietnam_date(home.clock.now())
    named(home, ("K02", "Khoa Hồi sức tích cực", DAY), ("ICU", "Đơn vị ICU", DAY))
    named(home, ("K02", "Trung tâm Hồi sức", today + timedelta(days=1)), actor=ADMINISTRATOR)
    names = home.open_for_reading().departments.names()
    assert names.name("K02") == "Khoa Hồi sức tích cực"
    assert names.name("K02", DAY - timedelta(days=1)) == "Khoa Hồi sức cấp cứu"
    assert names.name("K02", today + timedelta(days=1)) == "Trung tâm Hồi sức"
    assert names.names("K02") == [
        "Trung tâm Hồi sức",
        "Khoa Hồi sức tích cực",
        "Khoa Hồi sức cấp cứu",
    ]
    assert names.title("K03; ICU;X9") == "Khoa Nội tổng hợp; Đơn vị ICU; X9"
    assert names.title(None) == ""


def test_the_names_are_acts_that_a_check_accepts_and_a_rebuild_keeps(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    named(home, ("K02", "Khoa Hồi sức", DAY))
    named(home, ("K02", "Khoa Hồi sức tích cực", DAY))  # a correction takes its place
    said = dump(home)
    rebuild(home)
    assert dump(home) == said
    home.follow_ups.run()
    assert not checker(home).check(read_data=True).faults
    assert home.open_for_reading().departments.names().names("K02")[0] == "Khoa Hồi sức tích cực"


def test_what_is_stated_already_changes_nothing_and_writes_no_act(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    names = [("K02", "Khoa Hồi sức", DAY), ("K03", "Khoa Nội A", DAY)]
    assert named(home, *names) == 2
    before = acts(home)
    assert named(home, *names) == 0
    assert acts(home) == before
    assert named(home, *names, ("K04", "Khoa Tim", DAY)) == 1


@pytest.mark.parametrize(
    "name",
    [
        ("", "Khoa Nội", DAY),
        ("K02", "", DAY),
        ("K02", "Khoa\nNội", DAY),
        ("K02", "\u202eKhoa", DAY),
        ("K02", "x" * 201, DAY),
        ("K" * 51, "Khoa Nội", DAY),
        ("K02;K03", "Khoa Nội", DAY),
    ],
)
def test_hostile_codes_and_names_are_refused(
    fresh_home: Callable[[], Home], name: tuple[str, str, date]
) -> None:
    home = fresh_home()
    before = acts(home)
    with pytest.raises(DepartmentInvalid):
        named(home, name)
    assert acts(home) == before


@pytest.mark.parametrize("role", ["reader", "his", "witness"])
def test_only_clerks_and_administrators_name_departments(
    fresh_home: Callable[[], Home], role: str
) -> None:
    with pytest.raises(Denied):
        named(fresh_home(), ("K02", "Khoa Hồi sức", DAY), actor=Actor("ai", role))


def test_a_person_of_a_department_names_no_other(fresh_home: Callable[[], Home]) -> None:
    home = fresh_home()
    naming, before = home.open_for_writing().departments, acts(home)
    narrow = Scope(home.scope.facility, frozenset({"K02"}))
    names = [DepartmentName(code, f"Khoa {code}", DAY) for code in ("K02", "K03")]
    with pytest.raises(Denied):
        naming.name(names, CLERK, narrow)
    assert acts(home) == before
    assert naming.name(names[:1], CLERK, narrow) == 1


def test_a_name_that_only_the_catalogue_says_is_not_attested(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    named(home, ("K02", "Khoa Hồi sức", DAY))
    with home.catalog.write() as session:
        session.execute(update(DepartmentNameRow).values(name="Khoa Giả"))
    with home.catalog.read() as session, pytest.raises(CatalogueAltered):
        stated_departments(home.signed, session, home.code, DAY)


def test_the_departments_of_charts_are_those_within_the_scope(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    take(home, chart(1), chart(2), chart(3))
    archive = home.open_for_reading()
    assert archive.departments.of_charts(home.scope) == ["K01", "K02"]
    narrow = type(home.scope)(home.scope.facility, frozenset({"K02", "K09"}))
    assert archive.departments.of_charts(narrow) == ["K02"]


def test_a_table_of_a_hospital_is_read(tmp_path: Path) -> None:
    today = date(2026, 12, 1)
    data = "\ufeffMã khoa;Tên khoa;Từ ngày\r\nK02;Khoa Hồi sức;01/07/2026\r\nK03;Khoa Nội A;\r\n"
    assert read_table(data.encode(), today) == [
        DepartmentName("K02", "Khoa Hồi sức", DAY),
        DepartmentName("K03", "Khoa Nội A", today),
    ]
    for wrong in (
        "",
        "a,b\n1,2\n",
        "code,name\nK02,\n",
        "code,name,from\nK02,Khoa,31/02/2026\n",
        'code,name\n"K02',
    ):
        with pytest.raises(DepartmentInvalid):
            read_table(wrong.encode(), today)


def test_the_command_names_lists_and_imports(home_folder: Path, tmp_path: Path) -> None:
    kho(home_folder, "department", "name", "K02", "Khoa Hồi sức", "--from", "1/7/2026", check=True)
    table = tmp_path / "khoa.csv"
    table.write_text("code,name\nK03,Khoa Nội A\nK02,Khoa Hồi sức\n", "utf-8")
    done = kho(home_folder, "department", "import", table, "--json", check=True)
    assert json_lines(done.stdout) == [{"changed": 2}]
    (listed,) = json_lines(kho(home_folder, "department", "list", "--json", check=True).stdout)
    by_code = {each["code"]: each for each in listed["departments"]}
    assert by_code["K03"]["name"] == "Khoa Nội A"
    assert by_code["K02"]["stated"][-1] == {"name": "Khoa Hồi sức", "since": "2026-07-01"}
    assert by_code["K01"] == {"code": "K01", "name": ministry_names()["K01"], "stated": []}
    said = kho(home_folder, "department", "list", check=True).stdout
    assert "Khoa Nội A" in said
    wrong = kho(home_folder, "department", "name", "K02", "x", "--from", "13/2026")
    assert wrong.returncode == 2
    assert kho(home_folder, "department", "name", "K02", " ").returncode == 2


def test_names_are_sorted_by_their_day_whatever_their_order() -> None:
    stated = [DepartmentName("A", "mới", date(2026, 2, 1)), DepartmentName("A", "cũ", DAY)]
    assert Departments(stated, date(2026, 3, 1)).name("A") == "mới"
    assert Departments(reversed(stated), date(2026, 8, 1)).name("A") == "cũ"


def test_a_search_finds_a_department_by_its_names_of_today_and_of_before(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    take(home, chart(1), chart(2))  # of K01 and K02
    search = home.open_for_reading().search

    def hits(typed: str) -> int:
        return search.find(typed, CLERK, home.scope).total

    assert hits("hồi sức cấp cứu") == hits("khoa:K02") == 1
    assert hits("trung tâm chống độc") == 0
    named(home, ("K02", "Trung tâm Chống độc", DAY))
    assert hits("trung tâm chống độc") == hits("hồi sức cấp cứu") == 1
    assert hits('khoa:"hoi suc cap cuu" viêm phổi') == 1


def test_a_new_paper_shows_the_facilitys_name_and_a_sealed_one_stays(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()

    def insurance(episode: str) -> bytes:
        fields = xml1(MA_LK=episode, MA_CSKCB=home.code)
        files = hoso(file("XML1", b64(table("XML1", fields))))
        return envelope(files, facility=home.code)

    def shown(data: bytes) -> str:
        intake = Intake(home.open_for_writing(), CLERK, home.scope)
        (receipt,) = [each for result in intake.take("a.xml", data) for each in result.receipts]
        originals = home.open_for_reading().originals
        return squeezed(text(originals.original(receipt.document_id, CLERK, home.scope)[1]))

    assert squeezed("K03 – Khoa Nội tổng hợp") in shown(insurance("LK1"))
    named(home, ("K03", "Khoa Nội A", DAY))
    assert squeezed("K03 – Khoa Nội A") in shown(insurance("LK2"))
    assert squeezed("K03 – Khoa Nội tổng hợp") in shown(insurance("LK1"))


def test_names_are_read_once_for_all_papers_of_a_submission(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    tables = {
        "XML1": xml1(MA_LK="LK1", MA_CSKCB=home.code),
        "XML6": {"MA_LK": "LK1", "NGAYKD_HIV": "20220101"},
    }
    files = (file(code, b64(table(code, fields))) for code, fields in tables.items())
    data = envelope(hoso(*files), facility=home.code)
    intake = Intake(home.open_for_writing(), CLERK, home.scope)
    with counted_queries(home) as statements:
        (result,) = intake.take("a.xml", data)
    assert len(result.receipts) == 2
    assert sum("FROM department_name" in statement for statement in statements) == 1
