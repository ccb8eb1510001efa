"""How much of what all use a shop may have."""

from plugin.domain.share import WHOLE, Share


def test_a_shop_that_has_its_share_is_passed_by() -> None:
    assert Share(most=2, in_hand={1: 2, 2: 1, 3: 3}).passing == [1, 3]


def test_what_is_found_is_cut_to_each_shops_share() -> None:
    found = [1, 1, 2, 1, 2, None, None]

    assert Share(most=2, in_hand={1: 1}).cut(found, lambda shop: shop) == [1, 2, 2, None, None]


def test_the_whole_has_no_bound() -> None:
    assert WHOLE.passing == []
    assert WHOLE.cut([1] * 9, lambda shop: shop) == [1] * 9


def test_who_may_have_nothing_is_passed_by() -> None:
    share = Share(most=2, in_hand={1: 1}).without([1, 7])

    assert sorted(share.passing) == [1, 7]
