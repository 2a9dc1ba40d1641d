"""Time for a file grows with its size."""

from ingest.files.limits import FILE_LIMITS


def test_a_small_file_gets_less_time_than_a_large_one_and_none_gets_more_than_the_limit() -> None:
    sizes = [655, 1 << 20, FILE_LIMITS.full_time_bytes, 4 * FILE_LIMITS.full_time_bytes]
    seconds = [FILE_LIMITS.for_size(size).convert.seconds for size in sizes]
    assert seconds == sorted(seconds)
    assert seconds[0] < FILE_LIMITS.convert.seconds / 5
    assert seconds[-2:] == [FILE_LIMITS.convert.seconds] * 2
    assert FILE_LIMITS.for_size(655).examine.seconds < FILE_LIMITS.examine.seconds


def test_a_small_picture_is_read_for_minutes_and_not_for_half_an_hour() -> None:
    sizes = [12_000, 100_000, FILE_LIMITS.recognise_full_time_bytes, FILE_LIMITS.full_time_bytes]
    seconds = [FILE_LIMITS.for_size(size).recognise.seconds for size in sizes]
    assert seconds == sorted(seconds)
    assert seconds[0] < FILE_LIMITS.recognise.seconds / 10
    assert seconds[-2:] == [FILE_LIMITS.recognise.seconds] * 2
