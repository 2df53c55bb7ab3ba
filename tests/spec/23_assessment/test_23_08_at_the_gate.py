"""A site whose signing was got round: the gate refuses all the same. And what a site measured."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sites import DATASETS, FUEL, REBATE, deliver, new_site, written
from weighers import answers, closing_data, text_of

from equipoise.acts import sign as signing
from equipoise.acts.assess import begin_assessment, close_assessment, hand_in
from equipoise.acts.assess_bind import bind
from equipoise.acts.site import Site, enrol
from equipoise.errors import GateRefused


def test_what_was_signed_past_the_weighing_is_refused_at_the_gate(
    tmp_path: Path, city_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = new_site(tmp_path / "site")
    enrol(site, "council", "Lena Marsh", roles=("facilitator",), practice=True)
    source = Path(written(tmp_path, FUEL))
    begin_assessment(site, "rebate", "Lena Marsh", source=str(source))
    for rater in ("Ada Obi", "Ben Roe"):
        hand_in(site, "rebate", text_of(answers(rater, "council")), "Lena Marsh")
    close_assessment(site, "rebate", text_of(closing_data(settled=[])), "Lena Marsh")
    text = bind(site, "rebate", str(source))
    source.write_text(text.replace("round to: 5", "round to: 1"), encoding="utf-8")
    assert source.read_text(encoding="utf-8") != text
    monkeypatch.setattr(signing, "refuse_unweighed", lambda *given: None)
    assert signing.sign_all_for_practice(site, str(source)).state == "signed"
    with pytest.raises(GateRefused) as refused:
        deliver(site, str(source), city_files, DATASETS[:1])
    assert [problem.code for problem in refused.value.problems] == ["GATE027"]
    (problem,) = refused.value.problems
    assert problem.line is not None and problem.clause == "weighing.assessment"
    assert [each.act for each in site.store.refusals()] == ["pack"]
    assert "GATE027" in str([entry.detail for entry in site.store.entries()])


def test_what_was_measured_under_an_earlier_version_is_before_those_who_weigh_the_next(
    site_at: Callable[..., Site], tmp_path: Path
) -> None:
    site = site_at("released")
    source = Path(written(tmp_path, FUEL))
    text = source.read_text(encoding="utf-8").replace("version: 1", "version: 2")
    source.write_text(text, encoding="utf-8")
    person = site.people()[0].key
    begun = begin_assessment(site, "next", person, source=str(source))
    told = {figure.what: figure for figure in begun.assessment.figures}
    assert "rows of customers_brightgas that found their match" in told
    assert told["disclosure check of entitled"].value.startswith(("pass", "review"))
    assert all(REBATE in figure.source for figure in told.values())
