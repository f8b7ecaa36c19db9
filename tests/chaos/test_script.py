"""What a seed plays is drawn from the seed alone, and seeds that follow each other play everything."""

from demo.chaos.script import FAULTS, SLOW, WAYS, Fault, make_script


def test_a_seed_always_plays_the_same() -> None:
    assert make_script(7) == make_script(7)
    assert make_script(7) != make_script(8)


def test_seeds_that_follow_each_other_play_every_fault() -> None:
    seeds = range(100, 100 + len(FAULTS))
    assert {step.fault for seed in seeds for step in make_script(seed)} == set(Fault)


def test_a_run_is_short_enough_to_have_many_of_them() -> None:
    slow = [sum(step.fault in SLOW for step in make_script(seed)) for seed in range(300)]
    assert max(slow) <= 2


def test_each_fault_of_the_pushes_is_done_to_some_phones() -> None:
    steps = [step for seed in range(300) for step in make_script(seed) if step.fault in WAYS]
    assert all(step.how["phones"] for step in steps)
    assert {step.fault for step in steps} == set(WAYS)


def test_a_step_is_printed_with_all_that_it_needs() -> None:
    printed = [str(step) for step in make_script(0)]
    assert any(line.endswith("kill down=0.0 raises=True") for line in printed)
