"""Labelled drafts are read and chosen from as said, and broken input is named with its place."""

from pathlib import Path

import pytest

from bot.evaluation.labelled import Fold, is_fitted, read_labelled, select
from tests.evaluation.samples import drafts, scripted_rows, write
from tests.judging.voice.voices import MANNERS


def test_newest_cuts_the_stores_and_limit_the_drafts(tmp_path: Path) -> None:
    write(tmp_path, scripted_rows())
    labelled = read_labelled(tmp_path)
    chosen = select(labelled, newest=3, limit=2)
    assert [draft.text for draft in chosen.drafts] == ["a", "d"]
    assert [creator.stored for creator in chosen.creators] == [creator.stored[-3:] for creator in labelled.creators]
    assert select(labelled, limit=9) == labelled


def test_folds_split_the_creators_by_name_alone_and_all_stay_as_background(tmp_path: Path) -> None:
    write(tmp_path, [{"creator": name, "kind": "genuine", "label": 1, "text": "x"} for name in MANNERS])
    labelled = read_labelled(tmp_path)
    folds: tuple[Fold, Fold] = ("fitted", "unfitted")
    fitted, unfitted = (select(labelled, fold=fold) for fold in folds)
    assert {draft.creator for draft in fitted.drafts} == set(filter(is_fitted, MANNERS))
    assert {draft.creator for draft in unfitted.drafts} == MANNERS.keys() - set(filter(is_fitted, MANNERS))
    assert fitted.creators == unfitted.creators == labelled.creators


def test_a_prefix_reads_the_other_set(tmp_path: Path) -> None:
    write(tmp_path, drafts(genuine="calm"), prefix="ig_")
    assert len(read_labelled(tmp_path, "ig_").drafts) == 2


def test_a_draft_without_id_is_known_by_its_number(tmp_path: Path) -> None:
    row = {"creator": "calm", "kind": "genuine", "label": 1, "text": "x"}
    write(tmp_path, [row, row | {"id": 7}, row | {"id": "7b"}])
    assert [draft.id for draft in read_labelled(tmp_path).drafts] == ["1", "7", "7b"]


def test_the_author_is_told_where_the_file_tells(tmp_path: Path) -> None:
    row = {"creator": "calm", "kind": "random_other", "label": 0, "text": "x"}
    write(tmp_path, [row | {"author": "loud"}, row])
    assert [draft.author for draft in read_labelled(tmp_path).drafts] == ["loud", ""]


def test_a_line_separator_within_a_text_ends_no_line(tmp_path: Path) -> None:
    write(tmp_path, [{"creator": "calm", "kind": "genuine", "label": 1, "text": "one\u2028two\x85three"}])
    assert read_labelled(tmp_path).drafts[0].text == "one\u2028two\x85three"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"creators\.jsonl is missing"):
        read_labelled(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{not json", "not a JSON object"),
        ("[1]", "not a JSON object"),
        ('{"creator": "calm", "kind": "genuine", "label": 2, "text": "x"}', "'label'"),
        ('{"creator": "calm", "kind": "genuine", "label": 1}', "'text'"),
        ('{"creator": "stranger", "kind": "genuine", "label": 1, "text": "x"}', "stranger"),
        ('{"id": "genuine1", "creator": "calm", "kind": "genuine", "label": 1, "text": "x"}', "stands twice"),
    ],
)
def test_a_broken_line_is_named_with_its_number(tmp_path: Path, line: str, reason: str) -> None:
    write(tmp_path, drafts(genuine="calm"))
    path = tmp_path / "drafts.jsonl"
    path.write_text(path.read_text("utf-8") + "\n" + line + "\n", "utf-8")
    with pytest.raises(ValueError, match=rf"drafts\.jsonl, line 4: .*{reason}"):
        read_labelled(tmp_path)


def test_a_creator_who_stands_twice_is_refused(tmp_path: Path) -> None:
    write(tmp_path, drafts(genuine="calm"))
    path = tmp_path / "creators.jsonl"
    path.write_text(path.read_text("utf-8") * 2, "utf-8")
    with pytest.raises(ValueError, match=r"line 7: .*twice"):
        read_labelled(tmp_path)


def test_no_draft_to_score_is_said(tmp_path: Path) -> None:
    write(tmp_path, [])
    with pytest.raises(ValueError, match="no draft"):
        select(read_labelled(tmp_path))
