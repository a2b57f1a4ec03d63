"""Finished feeds handed over: into a folder, and to a real SFTP server on loopback."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from sftp_server import PASSWORD, USER, Served, an_sftp_server

from tradewind.adapters.feeds.targets import FeedTargetIsInvalid, FeedTargetRefused, FolderTarget, SftpTarget, SignIn, target_of


@pytest.fixture
def feeds(tmp_path: Path) -> tuple[Path, list[Path]]:
    """A folder of feeds, and the files of one language."""
    root = tmp_path / "feeds"
    (root / "us/en").mkdir(parents=True)
    files = [root / "us/en/products.tsv", root / "us/en/products.tsv.gz"]
    files[0].write_bytes(b"id\tprice\nA\t1.00 USD\n" * 5000)
    files[1].write_bytes(b"\x1f\x8b")
    return root, files


def target(served: Served, tmp_path: Path, folder: str = "/in", **sign_in: str) -> SftpTarget:
    known = tmp_path / "known_hosts"
    known.write_text(sign_in.get("known", served.known_hosts), encoding="ascii")
    return SftpTarget("127.0.0.1", served.port, USER, folder, SignIn(sign_in.get("password", PASSWORD), None, known))


def held(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("replaces", [True, False])
def test_files_lie_on_the_server_under_their_names_and_replace_the_old_ones(tmp_path, feeds, replaces) -> None:
    root, files = feeds
    (tmp_path / "server").mkdir()
    with an_sftp_server(tmp_path / "server", replaces=replaces) as served:
        names = target(served, tmp_path).hand_over(files, root)
        files[0].write_bytes(b"id\tprice\nB\t2.00 USD\n")
        target(served, tmp_path).hand_over(files, root)
    assert names == ["/in/us/en/products.tsv", "/in/us/en/products.tsv.gz"]
    assert held(tmp_path / "server") == {f"in/{path.relative_to(root)}": path.read_bytes() for path in files}


def test_a_server_whose_key_is_not_known_gets_nothing(tmp_path, feeds) -> None:
    (tmp_path / "server").mkdir()
    with an_sftp_server(tmp_path / "server") as served, an_sftp_server(tmp_path / "server") as other:
        line = f"[127.0.0.1]:{served.port} {other.known_hosts.split(' ', 1)[1]}"
        for known in ("", line):
            with pytest.raises(FeedTargetRefused) as refused:
                target(served, tmp_path, known=known).hand_over(feeds[1], feeds[0])
            assert "known hosts" in refused.value.hint
    assert held(tmp_path / "server") == {}


def test_a_wrong_password_and_an_absent_server_are_told_without_the_password(tmp_path, feeds) -> None:
    (tmp_path / "server").mkdir()
    with an_sftp_server(tmp_path / "server") as served, pytest.raises(FeedTargetRefused) as refused:
        target(served, tmp_path, password="secret-word").hand_over(feeds[1], feeds[0])
    with pytest.raises(FeedTargetRefused, match="did not take"):
        target(served, tmp_path).hand_over(feeds[1], feeds[0])
    assert "secret-word" not in str(refused.value)


def test_a_folder_takes_the_files_too_and_says_when_it_cannot(tmp_path, feeds) -> None:
    root, files = feeds
    FolderTarget(tmp_path / "share").hand_over(files, root)
    assert held(tmp_path / "share") == held(root)
    (tmp_path / "file").write_text("x")
    with pytest.raises(FeedTargetRefused, match="cannot be written"):
        FolderTarget(tmp_path / "file").hand_over(files, root)


def test_a_place_is_a_folder_or_an_sftp_address_with_a_user_and_without_a_password() -> None:
    assert target_of("/mnt/feeds") == FolderTarget(Path("/mnt/feeds"))
    assert target_of("sftp://mc-1@upload.example:19321/a%20b") == SftpTarget("upload.example", 19321, "mc-1", "/a b", SignIn())
    for wrong in ("ftp://a@b/c", "sftp://host/x", "sftp://user:secret@host/x"):
        with pytest.raises(FeedTargetIsInvalid) as refused:
            target_of(wrong)
        assert "secret" not in str(refused.value)
