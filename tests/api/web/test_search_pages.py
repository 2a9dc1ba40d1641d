"""Searching: what is found and shown, to whom, and that addresses say nothing of it."""

import re
from uuid import uuid4

import pytest
from flask import Flask

from api.home import Home
from api.web.searches import Search, Searches
from tests.fixtures.browsing import Visitor, counted_queries, links


def names(text: str) -> list[str]:
    """Return the patients on a page of results, in order."""
    return re.findall(r'<h3><a href="/charts/[^"]+">([^<]+)</a></h3>', re.sub("</?mark>", "", text))


def test_the_start_leads_to_the_search(clerk: Visitor) -> None:
    assert clerk.get("/").location == "/search"


def test_before_the_first_search_the_page_says_how_to_search(clerk: Visitor) -> None:
    page = clerk.get("/search").text
    assert "Cách tìm" in page
    for example in (
        "icd J18",
        "khoa K03",
        "mẫu 01/BV1",
        "nội trú",
    ):
        assert example in page


@pytest.mark.parametrize(
    "typed", ["nguyen hoa", "hòa mẫu nguyễn", "HOÀ", "BN000004", "000180000004"]
)
def test_a_chart_is_found_by_name_and_numbers_as_people_type_them(
    clerk: Visitor, typed: str
) -> None:
    page = clerk.search(typed).text
    assert names(page) == ["Nguyễn Thị Mẫu Hòa"]
    assert "Tìm thấy 1 tài liệu trong 1 hồ sơ" in page


def test_a_chart_found_shows_its_documents_and_why_it_was_found(clerk: Visitor) -> None:
    page = clerk.search("mẫu hòa")
    assert "Phiếu theo dõi điều trị" in page.text
    assert "Khớp ở: họ tên" in page.text
    assert clerk.get(links(page, "/documents/")[0]).status_code == 200


def test_what_was_searched_for_is_marked_where_it_is_shown(clerk: Visitor) -> None:
    page = clerk.search("hoa phieu viem BN000004 icd:J18").text
    for marked in (
        "Nguyễn Thị Mẫu <mark>Hòa</mark>",
        "<mark>Phiếu</mark> theo dõi",
        "<mark>Viêm</mark> phổi",
    ):
        assert marked in page
    assert "<mark>BN000004</mark>" in page
    assert "<mark>J18.9</mark>" in page


def test_what_is_typed_and_marked_stays_text(clerk: Visitor) -> None:
    page = clerk.search("<mark>hòa</mark> <script>").text
    assert "<script>" not in page.partition("<main")[2]
    assert names(page) == []


def test_words_that_were_left_out_are_reported(clerk: Visitor) -> None:
    assert "8 từ cuối không được xét" in clerk.search("hòa " * 40).text


def test_filters_narrow_the_search_and_stay_filled_in(clerk: Visitor) -> None:
    page = clerk.search("", department="K01", date_from="01/2026", date_to="31/12/2026").text
    assert sorted(names(page)) == ["Phạm Mẫu Đức", "Trần Văn Giả Định"]
    assert 'value="K01"' in page
    assert "<details open>" in page
    assert names(clerk.search("", department="K01", date_from="2027").text) == []


def test_an_empty_search_finds_everything_and_a_deposited_chart_shows_its_number(
    clerk: Visitor,
) -> None:
    page = clerk.search().text
    assert len(names(page)) == 4
    assert re.search(r"Đã nộp lưu · \d{4}-\d+", page)


def test_nothing_found_says_so_and_what_to_try(clerk: Visitor) -> None:
    page = clerk.search("khong co ai").text
    assert "Không tìm thấy tài liệu nào" in page
    assert "gõ không dấu" in page


def test_an_invalid_date_is_named_beside_its_field(clerk: Visitor) -> None:
    answer = clerk.search("hòa", date_from="31/02/2026")
    assert answer.status_code == 422
    assert 'aria-describedby="date_from-problem"' in answer.text
    assert "Ghi ngày theo dạng 31/12/2026" in answer.text
    assert 'value="hòa"' in answer.text


def test_no_address_says_what_was_searched_and_no_other_user_can_use_it(
    clerk: Visitor, site: Flask
) -> None:
    address = clerk.send("/search", text="nguyễn hòa").location
    assert re.fullmatch(r"/search/[0-9a-f-]{36}", address)
    other = Visitor(site)
    other.sign_in("doc")
    assert other.get(address).location == "/search"
    clerk.send("/sign-out", form="/search")
    clerk.sign_in()
    assert clerk.get(address).location == "/search"


def test_another_departments_charts_are_not_found(site: Flask) -> None:
    visitor = Visitor(site)
    visitor.sign_in("khoa")
    assert sorted(names(visitor.search().text)) == ["Phạm Mẫu Đức", "Trần Văn Giả Định"]
    assert names(visitor.search("nguyễn hòa").text) == []


def test_more_results_ask_the_catalogue_no_more_often(clerk: Visitor, demo_home: Home) -> None:
    few = clerk.send("/search", text="nguyễn hòa").location
    many = clerk.send("/search").location
    clerk.get(few)  # the index is up to date from here on
    with counted_queries(demo_home) as single:
        clerk.get(few)
    with counted_queries(demo_home) as four:
        clerk.get(many)
    assert len(single) == len(four) <= 9


def test_kind_and_outcome_are_chosen_from_lists(clerk: Visitor) -> None:
    every = names(clerk.search().text)
    chosen = clerk.send("/search", kind="inpatient", outcome="improved").location
    assert names(clerk.get(chosen).text) == every
    none = clerk.send("/search", outcome="died").location
    assert names(clerk.get(none).text) == []
    assert '<span class="chip-name">Kết quả</span> Tử vong' in clerk.get(none).text
    assert clerk.send("/search", kind="x").status_code == 422


def test_what_is_typed_into_a_filter_cannot_become_another_filter() -> None:
    assert Search(text="a", department='K01" form:"x').typed == 'a department:"K01  form: x"'
    assert Search(text="a", icd10=" ").typed == "a"


def test_of_very_many_searches_the_oldest_are_forgotten() -> None:
    searches = Searches()
    first = searches.keep("lan", Search("a"))
    last = [searches.keep("lan", Search("b")) for _ in range(2000)][-1]
    assert searches.find("lan", first) is None
    assert searches.find("lan", last) == Search("b")
    assert searches.find("lan", uuid4()) is None


def test_one_account_cannot_push_out_what_others_searched() -> None:
    searches = Searches()
    first = searches.keep("lan", Search("a"))
    own = [searches.keep("minh", Search("b")) for _ in range(2500)]
    assert searches.find("lan", first) == Search("a")
    assert [searches.find("minh", key) is not None for key in own[-101:]] == [False] + [True] * 100


def test_a_form_code_of_any_length_is_not_kept(clerk: Visitor) -> None:
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', clerk.get("/search").text)
    assert token
    sent = [
        clerk.client.post("/search", data={"csrf_token": token[1], "form": "x" * size})
        for size in (100, 101)
    ]
    assert [answer.status_code for answer in sent] == [303, 422]


def test_a_chip_takes_a_filter_back_and_tells_no_address_of_it(clerk: Visitor) -> None:
    page = clerk.search("nội trú khoa K02", icd10="J18")
    assert page.text.count('class="chip"') == 3
    keys = re.findall(r'action="(/search/[^"]+/without)"', page.text)
    where = clerk.send(keys[0], form="/search", name="icd10", how="remove").location
    assert "K02" not in where
    assert clerk.get(where).text.count('class="chip"') == 2
    start = re.findall(r'name="start" value="(\d+)"', page.text)[0]
    sent = clerk.send(keys[0], form="/search", name="kind", start=start, how="words")
    as_words = clerk.get(sent.location)
    assert "&#34;nội trú&#34; khoa K02" in as_words.text
    assert as_words.text.count('class="chip"') == 2


@pytest.mark.parametrize(
    "sent", [{"name": "text"}, {"name": "__class__"}, {"start": "99"}, {"start": "x"}, {}]
)
def test_a_chip_that_no_page_showed_changes_no_search(clerk: Visitor, sent: dict[str, str]) -> None:
    where = clerk.send("/search", text="nội trú").location
    again = clerk.send(f"{where}/without", form="/search", **sent).location
    if again != "/search":
        assert clerk.get(again).text.count('class="chip"') == 1


def test_a_chip_of_another_persons_search_is_not_to_be_had(clerk: Visitor, site: Flask) -> None:
    where = clerk.send("/search", text="nội trú").location
    other = Visitor(site)
    other.sign_in("doc")
    sent = other.send(f"{where}/without", form="/search", name="kind", start="0")
    assert sent.location == "/search"
