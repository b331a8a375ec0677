"""The log of the service: what happens, the words only where the settings say so, and no library's chatter."""

import logging
import warnings

import pytest

from voiceos.config.settings import Config
from voiceos.core import Notice, NoticeKind, Outcome, Transcript, Turn
from voiceos.daemon import log_to_journal, log_words, write_journal


def logged(capsys: pytest.CaptureFixture[str], *, level: str = "debug", words: bool, off_record: bool = False) -> str:
    log_to_journal(level)
    log_words(Config.model_validate({"log": {"words": words}}))
    turn = Turn("t1", "c1", transcript=Transcript("what is the gate code?"), said="It is 4711.", off_record=off_record)
    turn.outcome = Outcome.ANSWERED
    write_journal(Notice(NoticeKind.TRANSCRIPT, 0.0, text="what is the gate code?"))
    write_journal(Notice(NoticeKind.TURN, 0.0, turn=turn))
    return capsys.readouterr().err


def test_words_are_logged_only_where_the_settings_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    said = logged(capsys, words=False)
    assert "turn t1: answered" in said
    assert "gate" not in said
    assert "4711" not in said
    said = logged(capsys, level="info", words=True)
    assert "heard: what is the gate code?" in said
    assert "said: It is 4711." in said
    assert "gate" not in logged(capsys, words=True, off_record=True)


def test_libraries_do_not_chatter(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_journal("info")
    logging.getLogger("watchfiles.main").info("3 changes detected")
    logging.getLogger("piper").warning("Missing phoneme")
    warnings.showwarning("old style", DeprecationWarning, "file.py", 1)
    logging.getLogger("asyncio").error("something broke")
    assert "something broke" in (said := capsys.readouterr().err)
    assert len(said.splitlines()) == 1
