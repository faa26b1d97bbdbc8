# What one types. Each verb is a word here and a script or a Python module elsewhere; nothing is built twice.
#
#   make demo          a real Debian VM attaches this machine's shares (first time: builds, image; then about a minute)
#   make demo LOCAL=1  agent and host peer on this machine, no VM
#   make test          everything checked in one go: lint, unit, namespace and the short guest tests
#   make test-guest    every guest scenario, trixie included
#   make docs          docs/shares.md printed anew from the tables of Sources/ShareKinds
#   make tables        Sources/CNameTables printed anew from Debian's Unicode data, glibc's charsets and translations
#   make bench         measurements as JSON; ARGS="--only nfs --rounds 1" for a part; names and footprint need no guest
#   make fuzz          every parser and session machine under libFuzzer, a minute each (SECONDS_EACH=60)
SHELL := /bin/bash
LAB := PYTHONPATH=Tests /usr/bin/python3 -m Lab

.PHONY: help setup build docs debs tables demo demo-local test test-guest bench fuzz lint format image clean distclean

help:
	@sed -n 's/^#   //p' Makefile

setup:
	@.ci/setup

build: setup
	swift build

docs: setup
	SHAREAGENT_WRITE_DOCS=1 swift test --filter SharesPageTests

tables: setup
	/usr/bin/python3 -m Tables

# Does nothing when none of its inputs changed.
debs: setup
	@packaging/build-debs

image: setup
	@$(LAB) image

demo: debs
	@$(LAB) demo $(if $(LOCAL),--local) $(ARGS)

demo-local: debs
	@$(LAB) demo --local $(ARGS)

test: setup lint
	@.ci/tests

test-guest: debs
	/usr/bin/python3 -m pytest Tests/Guest $(ARGS)

bench: debs
	@PYTHONPATH=Tests /usr/bin/python3 -m Bench $(ARGS)

fuzz: setup
	@Tests/Fuzz/run $(or $(SECONDS_EACH),60)

lint:
	swift format lint --strict --recursive Sources Tests Package.swift
	@/usr/bin/python3 .ci/lint-python Tests/Lab Tests/Guest Tests/Bench Tables

format:
	swift format format --in-place --recursive Sources Tests Package.swift

clean:
	rm -rf build .build

# Guest images live outside the repository, so that a fresh clone finds them.
distclean: clean
	rm -rf "$${XDG_CACHE_HOME:-$$HOME/.cache}/shareagent-lab"
