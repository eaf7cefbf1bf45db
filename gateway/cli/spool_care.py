"""The commands ``hilum spool verify``, ``repair``, ``accept`` and ``backup``, which work on the files of the spools."""

from argparse import Namespace
from collections.abc import Iterator

from gateway.cli.commands import DONE, FAILED
from gateway.cli.spool_commands import print_lines, require_spool
from gateway.config.parts import SpoolPart, load_part
from gateway.spool.care.accept import accept_all
from gateway.spool.care.backup import Copied, back_up
from gateway.spool.care.repair import Repaired, repair_all
from gateway.spool.care.verify import verify as verify_folder
from gateway.spool.folders import existing_folders, folders_set_aside
from gateway.spool.payloads.key_file import load_seal


def verify(options: Namespace) -> int:
    """Read every spool completely and print what is damaged; may run while the gateway runs."""
    settings = load_part(options.config, SpoolPart)
    require_spool(settings.data_dir)
    seal, sound = load_seal(settings.spool.key_file), True
    for folder in existing_folders(settings.data_dir):
        found = verify_folder(folder, seal)
        sound &= not found.problems
        verdict = f"{len(found.problems)} problems" if found.problems else "all whole"
        print_lines([f"{folder.name}: {found.messages} messages, {found.payloads} payloads, {verdict}"])
        if found.is_older:
            print_lines([f"{folder.name}: was written by an older Hilum; the gateway converts it when it starts"])
        print_lines(f"{folder.name}: {problem}" for problem in found.problems)
    aside = folders_set_aside(settings.data_dir)
    print_lines(f"{path.name}: was set aside because it is damaged; run `hilum spool repair`" for path in aside)
    return DONE if sound and not aside else FAILED


def repair(options: Namespace) -> int:
    """Save the undamaged messages of the spools that were set aside, and print what is damaged."""
    settings = load_part(options.config, SpoolPart)
    require_spool(settings.data_dir)
    seal, whole, count = load_seal(settings.spool.key_file), True, 0
    for each in repair_all(settings.data_dir, seal, list(settings.destinations), options.names):
        print_lines(_told(each))
        whole &= not (each.saved.lost or each.saved.parked or each.saved.log)
        count += 1
    if not count:
        print_lines(["there is nothing to repair: no spool was set aside"])
    return DONE if whole else FAILED


def accept(options: Namespace) -> int:
    """Accept as genuine what was committed before the key was set, and print how much that was."""
    settings = load_part(options.config, SpoolPart)
    require_spool(settings.data_dir)
    accepted = list(accept_all(settings.data_dir, load_seal(settings.spool.key_file)))
    for each in accepted:
        print_lines(
            [f"{each.name}: has the key now; {each.deliveries} deliveries that wait or are parked were accepted"]
        )
    if not accepted:
        print_lines(["there is nothing to accept: every spool has the key"])
    return DONE


def backup(options: Namespace) -> int:
    """Copy every spool to a new folder, while it is in use, and print what was copied."""
    settings = load_part(options.config, SpoolPart)
    require_spool(settings.data_dir)
    whole = True
    for each in back_up(settings.data_dir, options.folder):
        print_lines(_copied(each))
        whole &= not (each.missing or each.problems)
    aside = folders_set_aside(settings.data_dir)
    print_lines(f"{path.name}: is damaged and not in the backup; run `hilum spool repair`" for path in aside)
    if settings.spool.key_file is not None:
        print_lines(["the key is not in the backup, and nothing in it can be delivered without it: keep the key too"])
    return DONE if whole and not aside else FAILED


def _told(each: Repaired) -> Iterator[str]:
    old, saved = each.old.name, each.saved
    yield f"{old}: saved in {each.new}: {saved.messages} waiting or parked messages, {saved.records} records"
    for seq in saved.parked:
        yield f"{old}: message {seq}: its payload is damaged; its record is parked in {each.new}"
    for seq in saved.lost:
        yield f"{old}: message {seq}: could not be saved"
    yield from (f"{old}: {problem}" for problem in saved.log)
    yield f"{old}: the damaged files contain patients' data and are kept until you remove {each.old}"


def _copied(each: Copied) -> Iterator[str]:
    yield f"{each.name}: {each.messages} messages, {each.files} payload files, {each.gone} delivered meanwhile"
    for seq in each.missing:
        yield f"{each.name}: message {seq}: its payload file is missing; run `hilum spool verify`"
    if each.logged:
        yield f"{each.name}: {each.logged} of the messages were still in the intake log, and are in the copy"
    yield from (f"{each.name}: {problem}; the backup has only what is whole" for problem in each.problems)
