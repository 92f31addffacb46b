# START HERE
# make demo            audio to a table and figures, in minutes on a CPU (DATA=/path uses a folder in ESC-50's layout)
# make doctor          what is installed and works here, and the commands that mend the rest (RECIPE=mini: how long a run takes)
# make lab             JupyterLab
# make docs            the documentation site in _site: notebooks, signatures, results, search; a few minutes, no network
#
# REPRODUCE
# make reproduce       the paper's tables and figures, with everything they need (TARGETS='table3 fig4', SCALE=paper, SET='data_root=/data n_seeds=5')
# make sweep           the recorded search behind the mini preset
# make recordings      fetch free sounds from Debian's archive into AUDIO=/path (needs apt-get; no root)
# make bat-mini        the encoder that comes with the package: fetch and make its sounds in CORPUS=/path (Debian, no root,
#                      3 GB), pretrain it (SEED=1 another) and read it by all probes (ESC10=/path adds ESC-10; SHIP=1
#                      writes weights and card into the package); resumable, a few hours on two cores
# make bat-mini-curve  what width and more sound bring: four shorter runs on the sounds in CORPUS=/path, read by LP and CGP
# make web             bat-mini and CGP as a page that runs in the browser, in OUT=web (DATA=/path uses ESC-10; PACKAGE=/path an
#                      unpacked onnxruntime-web where npm cannot fetch it)
# make foundation      pretraining of the mini preset and all probes (ESC10=/path adds ESC-10, five folds;
#                      AUDIO=/path adds a folder of recordings to the pretraining material;
#                      NAME=long STEPS=10000 makes a run of another name and length, SEED=1 another of the same)
# make rates           learning rates of the mini probe recipe, from validation clips
# make all-probes      all probes on that encoder, and which of the differences are significant
# make foundation-table  result rows -> tables of RESULTS.md, the short one of README, and figures
# make trials          the experiments of data/trials whose effects can be found here: most of a day on two cores, resumable
#                      (HOURS=2 begins no run after that, TRIALS='front-end sinks' chooses, PLAN=gpu for a card, AUDIO=/path adds recordings)
# make validators      what the checkers of HEAR, X-ARES, MTEB and scikit-learn say of the encoders and probes (ONLY='xares mteb'; MTEB's
#                      makes sounds by FFmpeg)
# make bench           speed, memory and fault drills, as JSON rows and a table (SECTIONS=pool,cgp,seeds,step,extract,faults)
# make gpu             everything worth knowing about a machine with a graphics card, in ten minutes (PARTS=kernel,paper;
#                      PRETEND=1: the path without a card). Needs torch, numpy, timm, fastcore, torchaudio; no .venv, no
#                      network. WHEELS=/path uses the last two from there; rows go to data/results/gpu.jsonl
# make gpu-wheels      download those two into DIR=/path, 2 MB to carry along (TORCH=2.11.0 and FOR=3.12 of the other machine)
#
# DEVELOP
# make hooks           once after cloning: Jupyter cleans notebooks when it saves (in ~/.jupyter), git merges them cell by cell
# make export          notebooks -> bat_nb/*.py
# make clean-nbs       strip what version control should not see from the notebooks
# make test            every notebook and check; the last line is "N passed, M failed"
# make lock            requirements.lock from settings.ini; what is pinned stays (UPGRADE=1 takes the newest of everything)
#
# The first call makes .venv from requirements.lock; use another interpreter with `make PYTHON=python3.12 …`.
# PINS=newest and PINS=oldest install the ends of settings.ini's ranges instead, into .venv-newest and .venv-oldest.

PYTHON ?= python3
PINS ?= lock
VENV := .venv$(if $(filter-out lock,$(PINS)),-$(PINS))
PY := $(VENV)/bin/python
NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
# to run notebooks, to test and export them, to edit them: each is installed when something first needs it
RUNS := $(VENV)/.installed-repro
TESTS := $(VENV)/.installed-dev
EDITS := $(VENV)/.installed-lab
SITE := $(VENV)/.installed-docs
ONNX := $(VENV)/.installed-onnx

RUN = $(PY) -m bat_nb.tools.runner run

.PHONY: help lock demo web trials sweep recordings bat-mini bat-mini-curve rates foundation all-probes foundation-table reproduce validators bench doctor gpu gpu-wheels test export clean-nbs lab docs hooks
help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

demo: $(RUNS)
	@$(RUN) quickstart $(if $(DATA),--set 'data_root=$(DATA)')

web: $(RUNS) $(ONNX)
	@$(RUN) deployed --set 'page=$(abspath $(or $(OUT),web))' $(if $(DATA),--set 'data_root=$(DATA)') $(if $(PACKAGE),--set 'package=$(PACKAGE)')

sweep: $(RUNS)
	@$(RUN) mini_recipe

recordings: $(RUNS)
	@$(PY) data/recordings.py $(AUDIO)

# each step goes on where it was stopped
bat-mini: $(RUNS)
	@$(if $(CORPUS),,echo "make bat-mini CORPUS=/path: where do the sounds go?" >&2; exit 1;) $(PY) data/corpus.py '$(CORPUS)' $(if $(ESC10),'$(ESC10)')
	@$(RUN) pretrain --set name=bat-mini --set preset=bat_mini --set scenes=2000 --set seed=$(or $(SEED),0) --set 'audio=$(CORPUS)/pieces.npy'
	@$(RUN) bat_mini --set run=bat-mini-$(or $(SEED),0) --set 'corpus=$(CORPUS)' $(if $(ESC10),--set 'data_root=$(ESC10)') $(if $(SHIP),--set ship=True)

# name, scenes, sounds and what differs from the preset; 2,000 updates each
bat-mini-curve: $(RUNS)
	@$(if $(CORPUS),,echo "make bat-mini-curve CORPUS=/path: where are the sounds of make bat-mini?" >&2; exit 1;) $(PY) data/corpus.py '$(CORPUS)' --every 10
	@printf '%s\n' 'short 2000 pieces.npy' 'w64 2000 pieces.npy encoder.dim=64 encoder.heads=2' \
	  'w192 2000 pieces.npy encoder.dim=192 encoder.heads=6' 'tenth 200 pieces-10.npy' | \
	while read name scenes pieces change; do \
	  $(RUN) pretrain --set name=bat-mini-$$name --set preset=bat_mini --set steps=$(or $(STEPS),2000) --set scenes=$$scenes \
	    --set "audio=$(CORPUS)/$$pieces" --set "change=$$change" </dev/null && \
	  $(RUN) bat_mini --set run=bat-mini-$$name-0 --set 'corpus=$(CORPUS)' --set twin=False --set 'probes=lp cgp' \
	    --set 'tasks=esc10 words' --set n_seeds=1 $(if $(ESC10),--set 'data_root=$(ESC10)') </dev/null || exit 1; \
	done

# AUDIO adds recordings to the pretraining material: a run of its own, named real
RUN_NAME = $(or $(NAME),$(if $(AUDIO),real,mini))
RUN_ID = $(RUN_NAME)-$(or $(SEED),0)
GRID = $(RUN) probe_grid --set run=$(RUN_ID)
foundation: $(RUNS)
	@$(RUN) pretrain --set name=$(RUN_NAME) $(if $(SEED),--set seed=$(SEED)) $(if $(AUDIO),--set 'audio=$(AUDIO)') $(if $(STEPS),--set steps=$(STEPS))
	@$(GRID) --set task=synth_single
	@$(GRID) --set task=synth_multi
	@$(if $(ESC10),$(GRID) --set task=esc10 --set 'data_root=$(ESC10)')

rates: $(RUNS)
	@$(RUN) probe_rates --set run=$(RUN_ID)

# every probe on that encoder
all-probes: $(RUNS)
	@$(RUN) all_probes --set run=$(RUN_ID) $(if $(ESC10),--set 'data_root=$(ESC10)')

foundation-table: $(RUNS)
	@$(RUN) foundation_table --set results_page=RESULTS.md --set readme=README.md

# stopped at any moment, it goes on where it was when called again
reproduce: $(RUNS)
	@$(PY) -m bat_nb.cli reproduce $(or $(TARGETS),all) --scale $(or $(SCALE),mini) $(foreach s,$(SET),--set '$(s)') $(if $(JOBS),--jobs $(JOBS)) $(if $(OUT),--out "$(OUT)")

trials: $(RUNS)
	@$(RUN) trials $(if $(TRIALS),--set 'trials=$(TRIALS)') $(if $(PLAN),--set plan=$(PLAN)) $(if $(HOURS),--set hours=$(HOURS)) $(if $(AUDIO),--set 'audio=$(AUDIO)')

validators: $(RUNS)
	@$(PY) -c 'import xares, mteb, torchcodec' 2>/dev/null || $(PY) -m pip install -q -c requirements.lock xares 'mteb[audio]'
	@$(PY) -c 'import hearvalidator' 2>/dev/null || $(PY) -m pip install -q --no-deps hearvalidator
	@$(PY) -m bat_nb.tune.boards $(ONLY)

bench: $(RUNS)
	@$(RUN) bench $(if $(SECTIONS),--set 'sections=$(SECTIONS)')

# these three make no .venv: they run where it cannot be made
HERE = PYTHONPATH="$(CURDIR)$(if $(PYTHONPATH),:$(PYTHONPATH))"
doctor:
	@$(HERE) $(if $(wildcard $(PY)),$(PY),$(PYTHON)) -m bat_nb.cli doctor $(if $(RECIPE),--recipe '$(RECIPE)')

gpu:
	@$(HERE) $(PYTHON) -m bat_nb.tools.gpu $(if $(PRETEND),--pretend) $(if $(PARTS),--parts '$(PARTS)') $(if $(OUT),--out '$(OUT)') $(if $(WHEELS),--wheels '$(WHEELS)')

gpu-wheels:
	@$(if $(DIR),,echo "make gpu-wheels DIR=/path: where to?" >&2; exit 1;) $(HERE) $(PYTHON) -m bat_nb.tools.gpu --fetch '$(DIR)' $(if $(TORCH),--for-torch '$(TORCH)') $(if $(FOR),--for-python '$(FOR)')

test: $(TESTS)
	@$(PY) -m bat_nb.tools.runner test

export: $(TESTS)
	@$(VENV)/bin/nbdev-export

clean-nbs: $(TESTS)
	@$(VENV)/bin/nbdev-clean

# a merge driver for this clone, and a hook of Jupyter's for this user
hooks: $(TESTS)
	@$(VENV)/bin/nbdev-install-hooks

docs: $(SITE)
	@$(PY) -m bat_nb.tools.docs

lab: $(EDITS)
	@$(VENV)/bin/jupyter lab nbs/index.ipynb

# Every release of every package that `make` installs, for all supported Pythons and systems
lock: $(RUNS)
	@$(VENV)/bin/uv pip compile setup.py --all-extras --universal --python-version 3.11 --no-annotate --quiet --refresh \
	  --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade) --output-file requirements.lock

# Made once, and again only after the packaging files change. A half-made environment has no uv: it is made again.
# uv installs several times faster than pip and reads another configuration; where it fails, it is asked to trust the
# certificates of the system, as pip does (a network with an authority of its own), and then pip has a try.
LOCKED := -c requirements.lock
CHOICE_lock := $(LOCKED)
CHOICE_newest := --upgrade
CHOICE_oldest := --resolution lowest-direct
PACKAGING := settings.ini setup.py pyproject.toml requirements.lock

$(VENV)/.uv: $(PACKAGING)
	@$(if $(CHOICE_$(PINS)),,echo "PINS is lock, newest or oldest, not '$(PINS)'" >&2; exit 1)
	@$(PY) -m pip --version >/dev/null 2>&1 || { \
	  $(PYTHON) $(NEW_ENOUGH) 2>/dev/null || { echo "bat_nb needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 | head -n 1). Try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }; \
	  echo "making $(VENV) with $$($(PYTHON) --version)"; $(PYTHON) -m venv $(VENV) || exit 1; }
	@$(PY) $(NEW_ENOUGH) || { echo "the Python in $(VENV) is $$($(PY) --version); bat_nb needs 3.11 or newer: remove $(VENV) and run make again" >&2; exit 1; }
	@$(PY) -m pip install --disable-pip-version-check $(LOCKED) uv >$(VENV)/install.log 2>&1 || { tail -n 15 $(VENV)/install.log >&2; echo "installing uv failed: see $(VENV)/install.log" >&2; exit 1; }
	@touch $@

$(VENV)/.installed-%: $(VENV)/.uv
	@echo "installing bat_nb[$*] into $(VENV) (a minute or two the first time; details in $(VENV)/install.log)"
	@start=$$(date +%s); \
	by_uv() { $(VENV)/bin/uv pip install --python $(PY) $(CHOICE_$(PINS)) --build-constraints requirements.lock -e '.[$*]'; }; \
	{ by_uv || UV_SYSTEM_CERTS=true UV_NATIVE_TLS=true by_uv \
	  || { [ $(PINS) = lock ] && PIP_CONSTRAINT=requirements.lock $(PY) -m pip install --disable-pip-version-check $(LOCKED) -e '.[$*]'; }; } >>$(VENV)/install.log 2>&1 \
	  || { tail -n 15 $(VENV)/install.log >&2; echo "installing failed: see $(VENV)/install.log" >&2; exit 1; }; \
	echo "installed in $$(( $$(date +%s) - start )) s: $$(du -sm $(VENV) | cut -f1) MB in $(VENV)"
	@touch $@
