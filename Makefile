# make demo            audio to a table and figures, in minutes on a CPU (DATA=/path uses a folder in ESC-50's layout)
# make bench           speed, memory and fault drills, as JSON rows and a table (SECTIONS=pool,cgp,seeds,extract,faults)
# make test            every notebook and check; the last line is "N passed, M failed"
# make sweep           the recorded search behind the mini preset
# make foundation      pretraining of the mini preset and all probes (ESC10=/path adds ESC-10, five folds;
#                      AUDIO=/path adds a folder of recordings to the pretraining material;
#                      NAME=long STEPS=10000 makes a run of another name and length, SEED=1 another of the same)
# make recordings      fetch free sounds from Debian's archive into AUDIO=/path (needs apt-get; no root)
# make rates           learning rates of the mini probe recipe, from validation clips
# make all-probes      all probes on that encoder, and which of the differences are significant
# make foundation-table  result rows -> README tables and figures
# make reproduce       the paper's tables and figures, with everything they need (TARGETS='table3 fig4', SCALE=paper, SET='data_root=/data n_seeds=5')
# make export          notebooks -> bat_nb/*.py
# make clean-nbs       strip what version control should not see from the notebooks
# make lab             JupyterLab
# The first call makes .venv; use another interpreter with `make PYTHON=python3.12 …`.

PYTHON ?= python3
PY := .venv/bin/python
STAMP := .venv/.installed
NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'

RUN = $(PY) -m bat_nb.runner run

.PHONY: help demo sweep recordings rates foundation all-probes foundation-table reproduce bench test export clean-nbs lab
help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

demo: $(STAMP)
	@$(RUN) quickstart $(if $(DATA),--set 'data_root=$(DATA)')

sweep: $(STAMP)
	@$(RUN) mini_recipe

recordings: $(STAMP)
	@$(PY) data/recordings.py $(AUDIO)

# AUDIO adds recordings to the pretraining material: a run of its own, named real
RUN_NAME = $(or $(NAME),$(if $(AUDIO),real,mini))
RUN_ID = $(RUN_NAME)-$(or $(SEED),0)
GRID = $(RUN) probe_grid --set run=$(RUN_ID)
foundation: $(STAMP)
	@$(RUN) pretrain --set name=$(RUN_NAME) $(if $(SEED),--set seed=$(SEED)) $(if $(AUDIO),--set 'audio=$(AUDIO)') $(if $(STEPS),--set steps=$(STEPS))
	@$(GRID) --set task=synth_single
	@$(GRID) --set task=synth_multi
	@$(if $(ESC10),$(GRID) --set task=esc10 --set 'data_root=$(ESC10)')

rates: $(STAMP)
	@$(RUN) probe_rates --set run=$(RUN_ID)

# every probe on that encoder
all-probes: $(STAMP)
	@$(RUN) all_probes --set run=$(RUN_ID) $(if $(ESC10),--set 'data_root=$(ESC10)')

foundation-table: $(STAMP)
	@$(RUN) foundation_table --set readme=README.md

# stopped at any moment, it goes on where it was when called again
reproduce: $(STAMP)
	@$(PY) -m bat_nb.cli reproduce $(or $(TARGETS),all) --scale $(or $(SCALE),mini) $(foreach s,$(SET),--set '$(s)') $(if $(JOBS),--jobs $(JOBS)) $(if $(OUT),--out "$(OUT)")

bench: $(STAMP)
	@$(RUN) bench $(if $(SECTIONS),--set 'sections=$(SECTIONS)')

test: $(STAMP)
	@$(PY) -m bat_nb.runner test

export: $(STAMP)
	@.venv/bin/nbdev-export

clean-nbs: $(STAMP)
	@.venv/bin/nbdev-clean

lab: $(STAMP)
	@.venv/bin/jupyter lab nbs/index.ipynb

# Made once, and again only after the packaging files change. A half-made environment has no pip: it is made again.
$(STAMP): settings.ini setup.py pyproject.toml
	@$(PY) -m pip --version >/dev/null 2>&1 || { \
	  $(PYTHON) $(NEW_ENOUGH) 2>/dev/null || { echo "bat_nb needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 | head -n 1). Try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }; \
	  echo "making .venv with $$($(PYTHON) --version)"; $(PYTHON) -m venv .venv || exit 1; }
	@$(PY) $(NEW_ENOUGH) || { echo "the Python in .venv is $$($(PY) --version); bat_nb needs 3.11 or newer: remove .venv and run make again" >&2; exit 1; }
	@echo "installing bat_nb and its tools into .venv (a few minutes the first time; details in .venv/install.log)"
	@$(PY) -m pip install --disable-pip-version-check -e '.[dev]' >.venv/install.log 2>&1 || { tail -n 15 .venv/install.log >&2; echo "installing failed: see .venv/install.log" >&2; exit 1; }
	@touch $@
