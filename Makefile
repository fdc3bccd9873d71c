# Everything a newcomer needs. `make` alone lists it.

# An import without an arrow in Package.swift is an error, and so is an arrow without an import: .ci/check-imports. The compiler's own
# check looks at packages too, but lets pass what comes by a detour.
IMPORT_CHECK = --explicit-target-dependency-import-check error
SWIFT_FILES = Package.swift Sources Tests

.PHONY: help setup build run test bench bench-api bench-blur bench-events bench-matching bench-pictures accuracy check-samples kill9 migrations faults sources soak fuzz fuzz-media hostile-jobs sanitize package console live-view screenshots format format-fix imports clean

help:
	@echo 'make run        build, and watch live events of the sample   (SOURCE=FILE or SOURCE=rtsp://… for your own)'
	@echo 'make test       build and run all tests'
	@echo 'make build      build for use: .build/release/sightline'
	@echo 'make bench      what this machine can do, what faces cost, bench-api and bench-events included'
	@echo 'make bench-api  how fast 10,000 streams and 1,000,000 events are listed, filtered, counted and paged'
	@echo 'make bench-blur whether a 1080p video with faces is covered faster than it plays, all faces of it, and what is left of the rest   (MINUTES=2 for less)'
	@echo 'make bench-events   how many events a second the database takes   (DATABASE=postgres for that one, also with the others)'
	@echo 'make bench-pictures   how many pictures a second are looked at, eight requests at once, and whether each is answered for itself'
	@echo 'make bench-matching   how fast one face is looked for among a million, beside FAISS   (FACES=100000 for less)'
	@echo 'make accuracy   how well people are found, followed and known again, and things named   (SEQUENCE=FOLDER with a video and gt.txt)'
	@echo 'make check-samples   the whole program on the rendered samples'
	@echo 'make kill9      kills a daemon 1000 times on each database while events flow, and looks for anything lost   (ROUNDS=10, MINUTES=20 for less)'
	@echo 'make migrations brings databases of the first version up to date, with a million events, and shows what each step takes   (EVENTS=10000, MINUTES=10 for less)'
	@echo 'make faults     what cameras do wrong over RTSP, row by row, and what the daemon makes of it   (QUICK=1 for some rows)'
	@echo 'make sources    one film through nginx, ffmpeg and GStreamer, then ten minutes of a live HLS list with faults   (MINUTES=2 for less)'
	@echo 'make soak       twice what this machine can do while everything goes wrong, and what the daemon keeps or loses   (MINUTES=1 for less, DATABASE=postgres for that one)'
	@echo 'make fuzz       generated requests against a fresh daemon, held to the served document   (CASES=1000 for a long run)'
	@echo 'make fuzz-media files, pictures and cameras with something wrong in each, opened as the daemon does it   (CASES=1000, MINUTES=5, SEED=1)'
	@echo 'make hostile-jobs   what nobody should send through the doors to jobs, and what becomes of it   (SEED=1, SECONDS=60 for some)'
	@echo 'make sanitize   the tests under AddressSanitizer   (KIND=thread for the other one; some GB and half an hour)'
	@echo 'make console    the console in a real browser: signs in, adds the sample, draws a zone, finds the event   (TESTS=TestAccess for some)'
	@echo 'make live-view  what a camera costs that is watched by its own video, and how old its pictures are when a browser shows them   (SIZE=1920x1080, SECONDS=20)'
	@echo 'make screenshots   a picture of each page of the console, light and dark, on a desktop and on a phone'
	@echo 'make package    a Debian package of what was built, with the unit of its service	(scripts/trial/package installs, starts and removes it)'
	@echo 'make format, make format-fix, make imports, make setup, make clean'

setup:
	@scripts/setup

build: setup
	swift build --configuration release --product sightline
	swift build --configuration release --product sightline-render-sample

run: build
	@scripts/run

# All at once, more than a thousand wait for each other's turns, and some longer than their deadlines.
TESTS_AT_ONCE = 64

# What failed, and the runner's own closing lines, are printed once more at the end, where they are seen.
test: imports
	@mkdir -p .build
	@set -o pipefail; swift test --skip-build --experimental-maximum-parallelization-width $(TESTS_AT_ONCE) 2>&1 | tee .build/test.log; status=$$?; \
	  echo; grep -A 4 -E 'recorded an issue|Test .* failed after|error: ' .build/test.log | grep -v ' passed after ' | head -n 60; \
	  grep -E 'Test run with|Executed [0-9]+ tests' .build/test.log | tail -n 2; exit $$status

bench: build
	.build/release/sightline bench
	@scripts/bench-faces
	@scripts/bench-jobs
	@scripts/bench-blur --minutes 2
	@scripts/bench-api
	@scripts/bench-events
	@scripts/bench-matching

bench-api: build
	@scripts/bench-api

bench-blur: build
	@scripts/bench-blur --minutes $${MINUTES:-10}

bench-events: build
	@scripts/bench-events

bench-pictures: build
	@scripts/bench-pictures

bench-matching: build
	@scripts/bench-matching --faces $${FACES:-1000000}

accuracy: build
	@scripts/accuracy $(SEQUENCE)
	@scripts/face-accuracy
	@scripts/descriptor-accuracy
	@scripts/blur-accuracy
	@scripts/classifier-accuracy

check-samples: setup
	@scripts/check-samples

kill9: build check-samples
	@for database in sqlite postgres; do \
	  DATABASE=$$database .deps/receiver/bin/python scripts/trial/kill9 --rounds $${ROUNDS:-1000} --minutes $${MINUTES:-240} \
	    samples/.rendered/lobby.mp4 || exit; \
	done

migrations:
	@scripts/trial/migrations --events $${EVENTS:-1000000} --minutes $${MINUTES:-60}

faults: build
	@SIGHTLINE=.build/release/sightline scripts/trial/faults $(if $(QUICK),--quick)

sources: build
	@scripts/render-sample lobby
	@scripts/trial/sources
	@scripts/trial/hls --minutes $${MINUTES:-10}

soak: build
	@scripts/render-sample lobby
	@scripts/trial/soak --minutes $${MINUTES:-60}

package: build
	@scripts/package

console: build
	@scripts/trial/console $(TESTS)

live-view: build
	@scripts/trial/live-view

screenshots: build
	@scripts/screenshots

fuzz: imports
	@scripts/fuzz $(CASES)

fuzz-media: build
	swift build --configuration release --product FuzzTarget
	@BUILD=.build/release scripts/trial/fuzz-media --cases $${CASES:-100000} --minutes $${MINUTES:-60} $${SEED:+--seed $$SEED}

hostile-jobs: build
	@SIGHTLINE=.build/release/sightline scripts/trial/hostile-jobs $${SEED:+--seed $$SEED} $(if $(SECONDS),--seconds $(SECONDS),--patient)

sanitize: setup
	@scripts/sanitize $${KIND:-address}

format:
	swift format lint --recursive --strict $(SWIFT_FILES)

format-fix:
	swift format --in-place --recursive $(SWIFT_FILES)

imports: setup
	@.ci/check-imports
	swift build --build-tests $(IMPORT_CHECK)

clean:
	swift package clean
	rm -rf samples/.rendered

SHELL = /bin/bash
