"""What cameras do wrong, row by row, and what a daemon is to make of it."""

import time

from fault_stage import LEARNING, OPEN_TIMEOUT, PATIENCE, READ_TIMEOUT, broken_opening, outage, row
from fault_watch import FAILURE

FAILED, RESTART = 4, 3
HOUR = 3600
DOWN_DELAY = 4

# What breaks and is mended

def vanish(stage):
    stage.camera.refuse()
    stage.camera.cut()


@row("port refuses for 10 s", quick=True)
def refuse(stage):
    outage(stage, lambda: vanish(stage), stage.camera.accept, noticed=1)


@row("restarts within 6 s and counts anew")
def restart(stage):
    def end():
        stage.camera.renew()
        stage.camera.accept()

    outage(stage, lambda: vanish(stage), end, noticed=1, seconds=6)


@row("restarts and sends H.265")
def recode(stage):
    def end():
        stage.camera.film = stage.films["hevc"]
        stage.camera.renew()
        stage.camera.accept()

    outage(stage, lambda: vanish(stage), end, noticed=1, seconds=3)


@row("restarts within 6 s (UDP)", transport="udp")
def restart_udp(stage):
    outage(stage, lambda: vanish(stage), stage.camera.accept, noticed=1, seconds=6)


@row("server hangs for 10 s", quick=True)
def hang(stage):
    def begin():
        stage.camera.manner.is_mute = True
        stage.camera.forget()

    def end():
        stage.camera.manner.is_mute = False

    outage(stage, begin, end, noticed=READ_TIMEOUT + 1)


@row("connection is reset", quick=True)
def reset(stage):
    outage(stage, lambda: stage.camera.cut(reset=True), lambda: None, noticed=1, seconds=0)


@row("stalls for good, new connections work", quick=True)
def stall(stage):
    outage(stage, stage.camera.forget, lambda: None, noticed=READ_TIMEOUT + 1, seconds=0)


@row("30 % of packets are lost", quick=True, transport="udp")
def lose(stage):
    if stage.steady():
        stage.camera.manner.loss = 0.3
        share = stage.follow(loss=0.7)
        stage.told = f"{share:.0%} decoded, {stage.count('packets_corrupt'):.0f} damages counted"
        stage.camera.manner.loss = 0
        time.sleep(3)
        stage.follow(5)


@row("packets come in another order", quick=True, transport="udp")
def reorder(stage):
    if stage.steady():
        stage.camera.manner.is_reordering = True
        time.sleep(2)
        stage.follow()


@row("one byte a second", quick=True)
def trickle(stage):
    def begin():
        stage.camera.manner.bytes_a_second = 1

    def end():
        stage.camera.manner.bytes_a_second = None

    outage(stage, begin, end, noticed=READ_TIMEOUT + 1)


@row("no parameter sets in the description", quick=True, parameters_told=False)
def bare(stage):
    if stage.steady():
        stage.follow()


@row("description is garbage", quick=True, delay=2, description=bytes(range(256)) * 16)
def garbage(stage):
    def repair():
        stage.camera.manner.description = None

    broken_opening(stage, repair)


@row("size and codec parameters change", quick=True)
def change(stage):
    if stage.steady():
        stage.camera.film = stage.films["large"]
        stage.follow()
        stage.camera.film = stage.films["plain"]
        stage.follow(5)


@row("stalls for good (UDP)", transport="udp")
def stall_udp(stage):
    outage(stage, stage.camera.forget, lambda: None, noticed=READ_TIMEOUT + 1, seconds=0)


@row("stalls for a second and a half")
def pause(stage):
    if stage.steady():
        stage.camera.manner.is_still = True
        time.sleep(1.5)
        stage.camera.manner.is_still = False
        time.sleep(2)  # the pictures after the pause refer to those that are missing
        stage.follow()


@row("sends junk in place of pictures")
def junk(stage):
    def set_junk(value):
        stage.camera.manner.junk = value

    outage(stage, lambda: set_junk(True), lambda: set_junk(False), noticed=READ_TIMEOUT + 1)


@row("wants a login for 8 s (401)")
def unauthorized(stage):
    def begin():
        stage.camera.manner.statuses = {"DESCRIBE": 401}
        stage.camera.cut()

    outage(stage, begin, stage.camera.manner.clear_statuses, noticed=1, seconds=8)


@row("knows the session no more for 8 s (454)", session_timeout=4)
def session(stage):
    def begin():
        stage.camera.manner.statuses = {"PLAY": 454, "GET_PARAMETER": 454, "OPTIONS": 200}
        stage.camera.forget()

    outage(stage, begin, stage.camera.manner.clear_statuses, noticed=READ_TIMEOUT + 1, seconds=8)


# What is so from the beginning, and is to be borne

def bear(stage):
    if stage.steady():
        stage.follow()


row("leaves out Content-Base", content_base=False)(bear)
row("names absolute control addresses", absolute_controls=True)(bear)
row("describes audio and metadata first", tracks_before=True)(bear)
row("needs to be asked every four seconds", session_timeout=4)(bear)
row("takes no UDP (461)", transport="udp", transports=("tcp",))(bear)
row("lets no packet through over UDP", transport="udp", udp_arrives=False)(bear)
row("digest with qop", algorithms=("MD5",))(bear)
row("digest with stale nonces", algorithms=("MD5",), nonce_uses=2, session_timeout=4)(bear)
row("digest by SHA-256 or MD5", algorithms=("SHA-256", "MD5"))(bear)


@row("digest by SHA-256 alone, which FFmpeg knows not", delay=2, algorithms=("SHA-256",))
def sha256(stage):
    def repair():
        stage.camera.manner.algorithms = ("MD5",)

    broken_opening(stage, repair, told="SHA-256")


# Labels and clocks

@row("labels wrap at 32 bits", first_label=2**32 - 20 * 90_000)
def wrap(stage):
    if stage.steady():
        stage.follow(20)
        check_events(stage)


def jump(stage, seconds):
    if stage.steady():
        stage.camera.jump += seconds * 90_000
        stage.follow()
        check_events(stage)


def check_events(stage):
    longest = stage.longest_event()
    stage.told = f"longest event {longest:.0f} s" if longest is not None else "no event"
    stage.check(longest is None or longest < 120, f"an event lasts {longest} s")


@row("labels jump an hour ahead")
def jump_ahead(stage):
    jump(stage, HOUR)


@row("labels jump an hour back")
def jump_back(stage):
    jump(stage, -HOUR)


@row("its clock, told late, is an hour ahead", report_interval=None, clock_ahead=HOUR)
def ahead(stage):
    if stage.steady():
        stage.camera.manner.report_interval = 5
        stage.follow()
        check_events(stage)


# What cannot be opened, and what is down for long: autorestart alone decides

@row("one byte a second from the beginning", delay=2, bytes_a_second=1)
def slow_opening(stage):
    def repair():
        stage.camera.manner.bytes_a_second = None

    broken_opening(stage, repair, told=f"within {OPEN_TIMEOUT} s")


@row("hangs from the beginning", delay=2, is_mute=True)
def mute_opening(stage):
    def repair():
        stage.camera.manner.is_mute = False

    broken_opening(stage, repair, told=f"within {OPEN_TIMEOUT} s")


@row("has no such stream (404)", delay=2, statuses={"DESCRIBE": 404})
def missing(stage):
    broken_opening(stage, stage.camera.manner.clear_statuses, told="404")


@row("is down for longer than the patience", delay=DOWN_DELAY)
def down(stage):
    if not stage.steady():
        return
    vanish(stage)
    stage.notice(1)
    failed = stage.wait(lambda s: s.status == FAILURE, PATIENCE + 10)
    if not stage.check(failed is not None, "it never failed"):
        return
    time.sleep(3 * DOWN_DELAY)
    moments = [moment for moment, status in stage.log() if status in (FAILED, RESTART)]
    attempts = [moment for moment, status in stage.log() if status == RESTART]
    late = [attempt - before - DOWN_DELAY for before, attempt in zip([moments[0], *attempts], attempts)]
    stage.told = "attempts late by " + ", ".join(f"{one:.3f}" for one in late) + " s"
    stage.check(len(late) >= 2 and all(-0.002 <= one < 0.5 for one in late), "autorestart did not keep its time")
    stage.camera.accept()
    stage.reopen(within=DOWN_DELAY + 1)


@row("is down for long, without autorestart", delay=None)
def give_up(stage):
    if not stage.steady():
        return
    vanish(stage)
    stage.notice(1)
    failed = stage.wait(lambda s: s.status == FAILURE, PATIENCE + 10)
    stage.camera.accept()
    tried = len(stage.camera.accepted)
    time.sleep(LEARNING)
    stage.check(failed is not None and stage.sample.status == FAILURE, "it is no failure")
    stage.check(len(stage.camera.accepted) == tried, "it was tried again")
