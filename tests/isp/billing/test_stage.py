"""How far a file has come, and how long it will still take."""

from datetime import timedelta

import pytest

from zelo.isp.billing.stage import WORK, Progress, Stage

MINUTE = timedelta(minutes=1)
ALL = sum(WORK.values())


def test_the_share_grows_from_nothing_to_all() -> None:
    way = [Progress(stage, done, 10) for stage in Stage for done in (0, 5, 10)]
    shares = [each.permille for each in way]
    assert (shares[0], shares[-1]) == (0, 1000)
    assert shares == sorted(shares)


@pytest.mark.parametrize("moment", [Progress(Stage.READING, 500, 0), Progress(Stage.READING, 9, 5)])
def test_a_file_of_unknown_or_wrong_length_never_passes_its_stage(moment: Progress) -> None:
    assert 0 <= moment.permille <= 1000 * WORK[Stage.READING] / ALL


def test_nobody_knows_what_is_left_before_anything_is_done() -> None:
    assert Progress(Stage.READING, 0, 10).left(MINUTE) is None


def test_half_of_the_work_leaves_as_long_as_it_took() -> None:
    before = WORK[Stage.READING] + WORK[Stage.JUDGING]
    done = round(1000 * (ALL / 2 - before) / WORK[Stage.STORING])
    left = Progress(Stage.STORING, done, 1000).left(MINUTE)
    assert left is not None
    assert abs(left - MINUTE) < timedelta(seconds=1)


def test_what_was_stored_by_another_process_does_not_make_this_one_look_fast() -> None:
    """Read and judged anew, and not one note stored yet: the ten of twenty that are left cost half of the storing."""
    left = Progress(Stage.STORING, 10, 20, resumed=10).left(MINUTE)
    before = WORK[Stage.READING] + WORK[Stage.JUDGING]
    assert left == MINUTE * (WORK[Stage.STORING] / 2 / before)
