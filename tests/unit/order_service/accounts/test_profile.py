"""Which changes of a profile are taken."""

from order_service.accounts.profile import ProfileChanges, profile_faults


def test_every_faulty_field_is_named() -> None:
    changes = ProfileChanges(email="nowhere", phone="call me", first_name="x" * 151, last_name="a\nb")
    assert [fault.field for fault in profile_faults(changes)] == ["email", "phone", "first_name", "last_name"]


def test_unset_fields_are_not_looked_at_and_a_phone_may_be_emptied() -> None:
    assert profile_faults(ProfileChanges()) == []
    assert profile_faults(ProfileChanges(phone="")) == []
    assert profile_faults(ProfileChanges(phone="+370 600 00000")) == []
